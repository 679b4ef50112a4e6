// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import Mainstay
import Synchronization

/// Money that many tasks move between accounts while faults happen.
///
/// Each transfer has a number of its own, so that afterwards one sees of each whether it was done: those that were reported as
/// done once, those that were reported as failed not at all, and the sum of all accounts unchanged.
public final class Ledger: Sendable {
    /// What callers were told about a transfer.
    private enum Report {
        case done
        case failed(DatabaseError.Code)
        case unknown
    }

    private struct State {
        var reports: [Int: Report] = [:]
        var others: [String] = []
        var next = 0
        var isOver = false
    }

    private static let (accounts, capital) = (20, 1_000_000)

    private let database: Database
    private let state = Mutex(State())

    /// A ledger in a database, whose tables are made by ``open()``.
    public init(_ database: Database) {
        self.database = database
    }

    /// Makes the accounts.
    public func open() async throws {
        try await database.execute(
            "CREATE TABLE accounts (id \(type: .int32) PRIMARY KEY, cents \(type: .int64) NOT NULL)"
        )
        try await database.execute(
            """
            CREATE TABLE transfers (id \(type: .int64) PRIMARY KEY, debtor \(type: .int32), \
            creditor \(type: .int32), cents \(type: .int64))
            """
        )
        try await database.write { session in
            try session.execute(each: 0..<Self.accounts) {
                "INSERT INTO accounts (id, cents) VALUES (\(Int32($0)), \(Int64(Self.capital)))"
            }
        }
    }

    /// Moves money with many tasks until a function returns, which is to cause faults meanwhile. One transfer in twenty is
    /// cancelled at some moment.
    public func run(tasks: Int, while faults: () async throws -> Void) async throws {
        state.withLock { $0.isOver = false }
        let movers = (0..<tasks).map { _ in
            Task {
                while !self.state.withLock({ $0.isOver }) {
                    await self.transfer()
                    try? await Task.sleep(for: .milliseconds(Int.random(in: 0..<5)))
                }
            }
        }
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await faults())
        } catch {
            outcome = .failure(error)
        }
        state.withLock { $0.isOver = true }
        for mover in movers { await mover.value }
        try outcome.get()
    }

    private func transfer() async {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        let debtor = Int32.random(in: 0..<Int32(Self.accounts))
        let creditor = (debtor + Int32.random(in: 1..<Int32(Self.accounts))) % Int32(Self.accounts)
        let cents = Int64.random(in: 1...100)
        let task = Task { [database] in
            try await database.write { session in
                try session.execute("UPDATE accounts SET cents = cents - \(cents) WHERE id = \(debtor)")
                try session.execute("UPDATE accounts SET cents = cents + \(cents) WHERE id = \(creditor)")
                try session.execute(
                    """
                    INSERT INTO transfers (id, debtor, creditor, cents) \
                    VALUES (\(Int64(number)), \(debtor), \(creditor), \(cents))
                    """
                )
            }
        }
        if Int.random(in: 0..<20) == 0 {
            try? await Task.sleep(for: .milliseconds(Int.random(in: 0..<10)))
            task.cancel()
        }
        let report: Report
        do {
            try await task.value
            report = .done
        } catch let error as DatabaseError {
            report = error.code == .commitOutcomeUnknown ? .unknown : .failed(error.code)
        } catch {
            report = .failed(.other)
            state.withLock { $0.others.append("\(error)") }
        }
        state.withLock { $0.reports[number] = report }
    }

    /// Compares what callers were told with what is in the database.
    ///
    /// - Parameter database: A database without faults.
    public func audit(_ database: Database) async throws -> LedgerAudit {
        let (reports, others) = state.withLock { ($0.reports, $0.others) }
        let transfers = try await database.query(
            "SELECT id, debtor, creditor, cents FROM transfers",
            as: (Int, Int, Int, Int).self
        )
        let accounts = try await database.query("SELECT id, cents FROM accounts", as: (Int, Int).self)
        var audit = LedgerAudit(transfers: reports.count)
        audit.surprises = others
        var balances = Dictionary(uniqueKeysWithValues: (0..<Self.accounts).map { ($0, Self.capital) })
        for (_, debtor, creditor, cents) in transfers {
            balances[debtor, default: 0] -= cents
            balances[creditor, default: 0] += cents
        }
        audit.isBalanced = balances == Dictionary(uniqueKeysWithValues: accounts.map { ($0, $1) })
        let present = Set(transfers.map(\.0))
        for (number, report) in reports {
            switch report {
            case .done:
                audit.done += 1
                if !present.contains(number) { audit.lost += 1 }
            case .failed(let code):
                audit.failures[code, default: 0] += 1
                if present.contains(number) { audit.doneThoughFailed += 1 }
            case .unknown:
                if present.contains(number) { audit.unknownDone += 1 } else { audit.unknownUndone += 1 }
            }
        }
        audit.unreported = present.subtracting(reports.keys).count
        return audit
    }
}
