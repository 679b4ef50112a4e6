// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Synchronization

/// Many tasks that append to a few lists and read them, while faults happen, and all of whose transactions are
/// recorded.
///
/// ```swift
/// let lists = DatabaseLists(database, isolation: .serializable)
/// try await lists.create()
/// let workload = IsolationWorkload(lists)
/// try await workload.run(tasks: 8) { try await breakThings() }
/// let report = IsolationReport(workload.history(finalLists: try await lists.lists()))
/// #expect(report.violations(of: .strictSerializable).isEmpty, "\(report)")
/// ```
public final class IsolationWorkload: Sendable {
    fileprivate struct State {
        var random: SplitMix64
        var transactions: [ListTransaction] = []
        var surprises: [String] = []
        /// The order of all beginnings and ends.
        var time = 0
        var lastElement = 0
        /// How many elements were appended to each key that is in use. Lists that grew long are left behind.
        var appends: [Int: Int]
        var isOver = false
    }

    fileprivate static let longestList = 24

    private let store: any ListStore
    private let cancels: Bool
    private let state: Mutex<State>

    /// A workload on lists.
    ///
    /// - Parameters:
    ///   - keys: How many lists are in use at a time. The fewer, the more conflicts there are.
    ///   - cancels: Whether one transaction in twenty is cancelled at some moment.
    ///   - seed: What the operations are chosen by.
    public init(_ store: any ListStore, keys: Int = 3, cancels: Bool = false, seed: UInt64 = .random(in: 0 ... .max)) {
        self.store = store
        self.cancels = cancels
        let appends = Dictionary(uniqueKeysWithValues: (0..<keys).map { ($0, 0) })
        state = Mutex(State(random: SplitMix64(state: seed), appends: appends))
    }

    /// Runs so many transactions in each of so many tasks.
    public func run(tasks: Int, transactions: Int) async {
        await withTaskGroup { group in
            for process in 0..<tasks {
                group.addTask { for _ in 0..<transactions { await self.transact(process) } }
            }
        }
    }

    /// Runs transactions in so many tasks until a function returns, which is to cause faults meanwhile.
    public func run(tasks: Int, while faults: () async throws -> Void) async throws {
        state.withLock { $0.isOver = false }
        let processes = (0..<tasks).map { process in
            Task { while !self.state.withLock({ $0.isOver }) { await self.transact(process) } }
        }
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await faults())
        } catch {
            outcome = .failure(error)
        }
        state.withLock { $0.isOver = true }
        for process in processes { await process.value }
        try outcome.get()
    }

    /// Runs one transaction, and records it.
    ///
    /// - Parameter operations: What it does; by default something at random.
    public func transact(_ process: Int, _ operations: [ListOperation]? = nil) async {
        let (operations, began, pause) = state.withLock { state in
            let operations = operations ?? state.operations()
            state.time += 1
            let isCancelled = cancels && Int.random(in: 0..<20, using: &state.random) == 0
            let pause = isCancelled ? Int.random(in: 0..<5, using: &state.random) : nil
            return (operations, state.time, pause)
        }
        let task = Task { try await store.run(operations) }
        if let pause {
            try? await Task.sleep(for: .milliseconds(pause))
            task.cancel()
        }
        var transaction = ListTransaction(operations, process: process, began: began, ended: began)
        var surprise: String?
        do {
            transaction.operations = try await task.value
        } catch let error as DatabaseError {
            transaction.outcome = error.code == .commitOutcomeUnknown ? .unknown : .failed
        } catch {
            transaction.outcome = .failed
            surprise = "\(error)"
        }
        state.withLock { state in
            state.time += 1
            transaction.ended = state.time
            state.transactions.append(transaction)
            if let surprise { state.surprises.append(surprise) }
        }
    }

    /// All that happened so far.
    ///
    /// - Parameter finalLists: The lists now, read without faults.
    public func history(finalLists: [Int: [Int]]? = nil) -> IsolationHistory {
        IsolationHistory(state.withLock { $0.transactions }, finalLists: finalLists)
    }

    /// Errors that are none of the library's.
    public var surprises: [String] { state.withLock { $0.surprises } }
}

extension IsolationWorkload.State {
    /// One to four operations on the lists that are in use.
    fileprivate mutating func operations() -> [ListOperation] {
        (0..<Int.random(in: 1...4, using: &random)).map { _ in
            let keys = appends.keys.sorted()
            let key = keys[Int.random(in: keys.indices, using: &random)]
            guard Bool.random(using: &random) else { return .read(key, nil) }
            lastElement += 1
            appends[key, default: 0] += 1
            if appends[key, default: 0] >= IsolationWorkload.longestList, let last = keys.last,
                last + 1 < DatabaseLists.count
            {
                appends[key] = nil
                appends[last + 1] = 0
            }
            return .append(lastElement, to: key)
        }
    }
}
