// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayTesting
import Synchronization

/// Lists in a database, behind a layer with a fault. The fault befalls each third transaction that it could befall.
final class FaultyLists: ListStore {
    private struct State {
        var runs = 0
        var old: [Int: [Int]]?
    }

    private let lists: DatabaseLists
    private let fault: PlantedFault?
    private let turns = Turns()
    private let state = Mutex(State())

    init(_ lists: DatabaseLists, _ fault: PlantedFault?) {
        self.lists = lists
        self.fault = fault
    }

    func run(_ operations: [ListOperation]) async throws -> [ListOperation] {
        turns.begin()
        defer { turns.end() }
        let shape = Shape(operations)
        guard let fault, shape.suits(fault),
            state.withLock({ state in
                state.runs += 1
                return state.runs % 3 == 0
            })
        else { return try await lists.run(operations) }
        return try await run(operations, shape, fault)
    }

    private func run(_ operations: [ListOperation], _ shape: Shape, _ fault: PlantedFault) async throws
        -> [ListOperation]
    {
        switch fault {
        case .replayKeepsStaleRead, .levelIsNotSent, .readIsElsewhere:
            // The reads are of another moment than the writes.
            let reads = try await lists.run(shape.reads)
            await turns.pass()
            _ = try await lists.run(shape.appends)
            return shape.isReadingLast ? shape.appends + reads : reads + shape.appends
        case .commitIsRepeated:
            let done = try await lists.run(operations)
            _ = try await lists.run(shape.appends)
            return done
        case .savepointIsNotUndone:
            return try await lists.run(operations).filter { !shape.appends.contains($0) }
        case .readsAreApart:
            var done: [ListOperation] = []
            for read in operations {
                done += try await lists.run([read])
                await turns.pass()
            }
            return done
        case .writeIsLost:
            let done = try await lists.run(operations.filter { $0 != shape.appends.first })
            return done + shape.appends.prefix(1)
        case .rollbackIsReportedAsDone:
            return try await lists.run(shape.reads) + shape.appends
        case .doneIsReportedAsFailed:
            _ = try await lists.run(operations)
            throw DatabaseError(.connectionLost, "the planted fault says so")
        case .readIsOld:
            let now = try await lists.lists()
            let old = state.withLock { state in
                defer { state.old = now }
                return state.old ?? now
            }
            return operations.map { .read($0.key, old[$0.key] ?? []) }
        case .statementIsOutside, .commitIsEarly:
            _ = try await lists.run(Array(operations.prefix(1)))
            await turns.pass()
            _ = try await lists.run(Array(operations.dropFirst()))
            return operations
        }
    }
}

/// What a transaction consists of.
private struct Shape {
    let operations: [ListOperation]
    let reads: [ListOperation]
    let appends: [ListOperation]

    init(_ operations: [ListOperation]) {
        self.operations = operations
        reads = operations.filter { if case .read = $0 { true } else { false } }
        appends = operations.filter { if case .append = $0 { true } else { false } }
    }

    var isReadingLast: Bool { operations.last.map(reads.contains) ?? false }

    private var isReadingFirst: Bool { Array(operations.prefix(reads.count)) == reads }

    /// Whether a fault could show here.
    func suits(_ fault: PlantedFault) -> Bool {
        let readKeys = Set(reads.map(\.key))
        let appendKeys = Set(appends.map(\.key))
        return switch fault {
        case .replayKeepsStaleRead:
            isReadingFirst && !readKeys.isDisjoint(with: appendKeys)
        case .levelIsNotSent:
            isReadingFirst && !reads.isEmpty && !appends.isEmpty && readKeys.isDisjoint(with: appendKeys)
        case .readIsElsewhere:
            Array(operations.prefix(appends.count)) == appends && !readKeys.isDisjoint(with: appendKeys)
        case .readsAreApart: appends.isEmpty && readKeys.count > 1
        case .readIsOld: appends.isEmpty
        case .statementIsOutside: reads.isEmpty && appendKeys.count == 2 && appends.count == 2
        case .commitIsEarly: reads.isEmpty && appendKeys.count == 1 && appends.count > 1
        default: !appends.isEmpty
        }
    }
}
