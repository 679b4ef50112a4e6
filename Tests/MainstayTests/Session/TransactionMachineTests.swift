// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

/// Every phase against every event and every state that a server can report.
struct TransactionMachineTests {
    enum Phase: CaseIterable {
        case idle, active, failed

        var machine: TransactionMachine {
            var machine = TransactionMachine()
            if self != .idle { machine.began() }
            if self == .failed { machine.failed(DatabaseError(.deadlock, "first"), server: .none) }
            return machine
        }
    }

    enum Event: Hashable, CaseIterable, CustomTestStringConvertible {
        case began, committed, rolledBack, gaveUp
        case succeeded(ServerTransactionState), failed(ServerTransactionState), rolledBackToSavepoint(
            ServerTransactionState
        )

        static let states: [ServerTransactionState] = [.none, .active, .failed, .unknown]
        static let allCases =
            [began, committed, rolledBack, gaveUp] + states.map { succeeded($0) } + states.map { failed($0) }
            + states.map { rolledBackToSavepoint($0) }

        var testDescription: String { "\(self)" }

        func happen(to machine: inout TransactionMachine) {
            switch self {
            case .began: machine.began()
            case .committed: machine.committed()
            case .rolledBack: machine.rolledBack()
            case .gaveUp: machine.gaveUp(DatabaseError(.other, "gave up"))
            case .succeeded(let server): machine.succeeded(server: server)
            case .failed(let server): machine.failed(DatabaseError(.syntaxError, "second"), server: server)
            case .rolledBackToSavepoint(let server): machine.rolledBackToSavepoint(server: server)
            }
        }
    }

    /// What a machine is like: its phase, the first failure, and whether something was committed.
    private func words(_ machine: TransactionMachine) -> String {
        let phase =
            switch machine.phase {
            case .idle: "idle"
            case .active: "active"
            case .failed(let cause): "failed: \(cause.message)"
            }
        return machine.hasCommitted ? "\(phase), has committed" : phase
    }

    /// What is not listed leaves the machine as it is.
    private static let table: [Phase: [Event: String]] = [
        .idle: [
            .began: "active",
            // A statement outside of any transaction.
            .committed: "idle, has committed",
        ],
        .active: [
            .committed: "idle, has committed",
            .rolledBack: "idle",
            .gaveUp: "failed: gave up",
            // The server committed by itself.
            .succeeded(.none): "idle, has committed",
            .succeeded(.failed): "failed: the server gave up the transaction without an error",
            .succeeded(.unknown): "failed: the connection was lost after a statement",
            // A statement that failed and left the transaction open, as on SQLite and MariaDB, changes nothing.
            .failed(.none): "failed: second",
            .failed(.failed): "failed: second",
            .failed(.unknown): "failed: second",
        ],
        .failed: [
            .began: "active",
            .committed: "idle, has committed",
            .rolledBack: "idle",
            .rolledBackToSavepoint(.active): "active",
        ],
    ]

    @Test("Each event has one effect in each phase", arguments: Phase.allCases, Event.allCases)
    func effects(phase: Phase, event: Event) {
        var machine = phase.machine
        let before = words(machine)
        event.happen(to: &machine)
        #expect(words(machine) == Self.table[phase]?[event] ?? before)
    }

    @Test("The first failure is the one that is told, and only in the failed phase", arguments: Phase.allCases)
    func usability(phase: Phase) {
        let machine = phase.machine
        guard phase == .failed else {
            #expect(throws: Never.self) { try machine.requireUsable() }
            return
        }
        let error = #expect(throws: DatabaseError.self) { try machine.requireUsable() }
        #expect(error?.code == .transactionFailed)
        #expect(error?.isTransient == true)
        #expect((error?.cause as? DatabaseError)?.message == "first")
    }

    @Test("A failure that is not transient stays so")
    func permanentFailure() {
        var machine = Phase.active.machine
        machine.failed(DatabaseError(.syntaxError, "first"), server: .failed)
        let error = #expect(throws: DatabaseError.self) { try machine.requireUsable() }
        #expect(error?.isTransient == false)
        #expect(error?.isConnectionUsable == true)
    }

    @Test("What was committed stays known after the end")
    func commitIsRemembered() {
        var machine = Phase.active.machine
        machine.succeeded(server: .none)
        machine.began()
        machine.rolledBack()
        #expect(machine.hasCommitted)
    }

    // MARK: - The server's word

    @Test(
        "What the server tells decides what a statement has committed, and whether the transaction is still the same",
        arguments: [
            // A COMMIT AND CHAIN, a ROLLBACK AND CHAIN, and nothing of the kind.
            ([.endedTransaction, .committed], .active, "active, has committed", 2),
            ([.endedTransaction], .active, "active", 2),
            ([], .active, "active", 1), ([.touchedSession], .active, "active", 1),
            // A COMMIT, a ROLLBACK, and an end of which the server tells by the state alone.
            ([.endedTransaction, .committed], .none, "idle, has committed", 1), ([.endedTransaction], .none, "idle", 1),
            ([], .none, "idle, has committed", 1), ([.isIncomplete], .none, "idle, has committed", 1),
            // A COMMIT, a BEGIN and a failure.
            (
                [.endedTransaction, .committed], .failed,
                "failed: the server gave up the transaction without an error, has committed", 1
            ),
        ] as [(SessionTrace, ServerTransactionState, String, Int)]
    )
    func trace(trace: SessionTrace, server: ServerTransactionState, expected: String, number: Int) {
        var machine = Phase.active.machine
        machine.succeeded(server: server, trace: trace)
        #expect(words(machine) == expected)
        #expect(machine.number == number)
    }

    @Test(
        "A statement that may commit counts as if it had, until the server tells",
        arguments: [
            ([], false), ([.committed], true), ([.isIncomplete], true), ([.touchedSession], false),
        ] as [(SessionTrace, Bool)]
    )
    func doubt(trace: SessionTrace, hasCommitted: Bool) {
        var (succeeding, failing) = (Phase.active.machine, Phase.active.machine)
        succeeding.mayCommit()
        failing.mayCommit()
        #expect(succeeding.hasCommitted)
        succeeding.succeeded(server: .active, trace: trace)
        failing.failed(DatabaseError(.syntaxError, "no"), server: .active, trace: trace)
        #expect(succeeding.hasCommitted == hasCommitted)
        #expect(failing.hasCommitted == hasCommitted)
        // What is in doubt is one statement, and not the next.
        succeeding.succeeded(server: .active)
        #expect(succeeding.hasCommitted == hasCommitted)
    }

    @Test("A scope whose transaction was ended by a script fails, whatever is open then", arguments: Phase.allCases)
    func ended(phase: Phase) {
        var machine = phase.machine
        machine.wasEnded(DatabaseError(.partlyCommitted, "ended"))
        #expect(words(machine) == "failed: ended")
        machine.rolledBack()
        #expect(machine.isIdle)
    }

    @Test("Transactions are numbered, so that a savepoint knows its own")
    func numbers() {
        var machine = TransactionMachine()
        machine.began()
        let first = machine.number
        machine.failed(DatabaseError(.deadlock, ""), server: .none)
        #expect(machine.number == first)
        machine.rolledBack()
        machine.began()
        #expect(machine.number != first)
    }
}
