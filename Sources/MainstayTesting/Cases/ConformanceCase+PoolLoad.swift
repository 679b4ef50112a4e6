// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Mainstay
import Synchronization
import Testing

extension DatabaseConfiguration {
    /// Ten connections that rest, live and are looked after for as short a time as a minute of load needs to see all of it.
    fileprivate static let load: DatabaseConfiguration = {
        var pool = PoolConfiguration(size: 10, minimumIdle: 2, acquireTimeout: .seconds(60))
        pool.idleTimeout = .seconds(1)
        pool.maxLifetime = .seconds(10)
        pool.keepAlivePeriod = .seconds(2)
        pool.pingAfter = .milliseconds(500)
        pool.leakThreshold = .seconds(30)
        var configuration = DatabaseConfiguration.conformance
        configuration.pool = pool
        configuration.retry.maxAttempts = 20
        return configuration
    }()
}

extension ConformanceCase {
    static let poolLoad: [ConformanceCase] = [
        ConformanceCase(
            "200 tasks share ten connections for a minute amid kills and cancellations, and all counts agree",
            configuration: .load
        ) { database, backend in
            try await database.makePeople()
            let load = PoolLoad(database, backend)
            try await load.run(tasks: 200, for: PoolLoad.duration)
            try await load.check()
        }
    ]
}

/// Tasks that use a pool in random ways, while some of their connections are ended.
private final class PoolLoad: Sendable {
    /// `MAINSTAY_POOL_SECONDS`, or a minute.
    static let duration = Duration.seconds(
        ProcessInfo.processInfo.environment["MAINSTAY_POOL_SECONDS"].flatMap { Int64($0) } ?? 60
    )

    private struct State {
        /// The connections in use.
        var users: [ObjectIdentifier: Int] = [:]
        var faults: [String] = []
        var scopes = 0
        /// How often a connection was used.
        var uses = 0
        var kills = 0
        var cancellations = 0
        var added: Set<String> = []
    }

    private let database: Database
    private let backend: any ConformanceBackend
    private let state = Mutex(State())

    init(_ database: Database, _ backend: any ConformanceBackend) {
        self.database = database
        self.backend = backend
    }

    func run(tasks: Int, for duration: Duration) async throws {
        let end = ContinuousClock.now + duration
        await withTaskGroup { group in
            for task in 0..<tasks {
                group.addTask {
                    var number = 0
                    while ContinuousClock.now < end {
                        number += 1
                        await self.perform(task, number)
                        try? await Task.sleep(for: .milliseconds(Int.random(in: 0..<20)))
                    }
                }
            }
            group.addTask {
                while ContinuousClock.now < end {
                    try? await Task.sleep(for: .milliseconds(100))
                    for (role, figures) in self.database.poolFigures where figures.connections > figures.limit {
                        self.fault(
                            "\(figures.connections) connections of the \(role) pool are more than \(figures.limit)"
                        )
                    }
                }
            }
        }
    }

    /// One scope, which some other task may cancel.
    private func perform(_ task: Int, _ number: Int) async {
        state.withLock { $0.scopes += 1 }
        let name = "\(task)/\(number)"
        // A few in any case, however slow the machine.
        let isCancelled = Int.random(in: 0..<20) == 0 || task.isMultiple(of: 40) && number == 2
        let scope = Task { try await self.scope(task, name) }
        if isCancelled {
            try? await Task.sleep(for: .milliseconds(Int.random(in: 0..<30)))
            scope.cancel()
            state.withLock { $0.cancellations += 1 }
        }
        do {
            try await scope.value
        } catch let error as DatabaseError
            where error.code == .cancelled || error.code == .commitOutcomeUnknown || isCancelled && error.isTransient
        {
            // Whoever is cancelled in a wait is told so, or why the wait began.
        } catch is CancellationError where isCancelled {
            // Thrown by what was awaited in the scope.
        } catch is ApplicationError {
            // Thrown to have it rolled back.
        } catch {
            fault("\(name) failed: \(error)")
        }
    }

    private func scope(_ task: Int, _ name: String) async throws {
        if Int.random(in: 0..<3) > 0 {
            try await database.read { session in
                try await self.use(session, task) {
                    _ = try $0.query("SELECT count(*) FROM people", as: Int.self).one()
                }
            }
        } else {
            let isUndone = Int.random(in: 0..<10) == 0
            try await database.write { session in
                try await self.use(session, task) { try $0.addPerson(name) }
                if isUndone { throw ApplicationError(text: "undo") }
            }
            state.withLock { _ = $0.added.insert(name) }
        }
    }

    /// Uses a connection, which must be nobody else's meanwhile.
    private func use(_ session: isolated Session, _ task: Int, _ body: (isolated Session) throws -> Void) async throws {
        let lane = ObjectIdentifier(session.lane)
        if let other = state.withLock({ $0.users.updateValue(task, forKey: lane) }) {
            fault("a connection is used by \(task) and by \(other)")
        }
        defer { state.withLock { _ = $0.users.removeValue(forKey: lane) } }
        try body(session)
        if Int.random(in: 0..<4) == 0 { try await Task.sleep(for: .milliseconds(Int.random(in: 0..<20))) }
        let uses = state.withLock { state in
            state.uses += 1
            return state.uses
        }
        if Int.random(in: 0..<200) == 0 || uses == 20 {
            state.withLock { $0.kills += 1 }
            try await backend.killConnection(of: session)
        }
    }

    private func fault(_ what: String) {
        state.withLock { if $0.faults.count < 10 { $0.faults.append(what) } }
    }

    /// When all have ended, nothing is in use, what was committed is there once, and the server counts what the pool counts.
    func check() async throws {
        let outcome = state.withLock { $0 }
        #expect(outcome.faults == [])
        #expect(outcome.kills > 0 && outcome.cancellations > 0)
        #expect(try await eventually { database.sum { $0.connections - $0.idle + $0.waiting } == 0 })
        let names = try await database.people()
        #expect(Set(names).count == names.count)
        #expect(outcome.added.subtracting(names).isEmpty)
        guard backend.dialect.capabilities.contains(.server) else { return }
        // Connections may go between the two counts; then they are counted again.
        for attempt in 1...10 {
            let server = try await database.withSession { try backend.connectionCount(of: $0) }
            let pool = database.sum(\.connections)
            if server == pool { return }
            #expect(attempt < 10, "the server counts \(server) connections, and the pool \(pool)")
            try await Task.sleep(for: .milliseconds(300))
        }
    }
}
