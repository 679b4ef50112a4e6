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
        if phase == .idle, event == .rolledBackToSavepoint(.active) {
            // There is no savepoint without a transaction, so whatever comes of it is as good.
            return
        }
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
