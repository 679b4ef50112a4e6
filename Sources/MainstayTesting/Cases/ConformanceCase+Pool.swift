// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Logging
import Mainstay
import Synchronization
import Testing

extension DatabaseConfiguration {
    /// A pool for a case, without a log and without repetitions.
    static func pool(size: Int = 2, _ configure: (inout PoolConfiguration) -> Void = { _ in }) -> Self {
        var pool = PoolConfiguration(size: size, acquireTimeout: .seconds(60))
        configure(&pool)
        var configuration = DatabaseConfiguration.conformance
        configuration.pool = pool
        configuration.retry = .never
        return configuration
    }
}

extension Database {
    /// Waits until every pool's figures are as they are to be, for a minute at most.
    fileprivate func figures(become isDone: (PoolFigures) -> Bool) async throws -> Bool {
        try await eventually { poolFigures.values.allSatisfy(isDone) }
    }

    /// The pools' totals, added up.
    fileprivate func total(_ figure: (PoolTotals) -> Int) -> Int {
        sum { figure($0.totals) }
    }
}

extension ConformanceCase {
    static let pool: [ConformanceCase] = [
        ConformanceCase("warming up opens connections, and the server counts them", configuration: .pool(size: 3)) {
            database,
            backend in
            try await database.warmUp(3)
            let figures = Array(database.poolFigures.values)
            #expect(figures.contains { $0.idle == 3 } || figures.allSatisfy { $0.limit == 1 })
            guard backend.dialect.capabilities.contains(.server) else { return }
            #expect(try await database.withSession { try backend.connectionCount(of: $0) } == 3)
        },
        ConformanceCase(
            "connections that rest too long are closed, and the minimum is kept",
            requires: .server,
            configuration: .pool(size: 3) {
                $0.idleTimeout = .seconds(1)
                $0.minimumIdle = 1
            }
        ) { database, backend in
            try await database.warmUp(3)
            #expect(try await database.figures { $0.idle == 1 && $0.connections == 1 })
            #expect(database.total { $0.closes[.idle] ?? 0 } == 2)
        },
        ConformanceCase(
            "a connection that reached its lifetime is replaced before it is closed",
            configuration: .pool(size: 2) {
                $0.keepAlivePeriod = nil
                $0.maxLifetime = .seconds(1)
                $0.minimumIdle = 1
            }
        ) { database, _ in
            try await database.warmUp()
            for _ in 0..<150 {
                // Where there is room for another one, there is always one that rests.
                let figures = database.poolFigures.values.filter { $0.limit > 1 }
                #expect(figures.allSatisfy { $0.idle + $0.checking > 0 })
                if database.total({ $0.closes[.lifetime] ?? 0 }) > 0 { break }
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(database.total { $0.closes[.lifetime] ?? 0 } > 0)
        },
        ConformanceCase(
            "resting connections are kept alive, and those that died are found without a scope",
            requires: .server,
            configuration: .pool(size: 2) { $0.keepAlivePeriod = .milliseconds(100) }
        ) { database, backend in
            let id = try await database.withSession { try backend.connectionID(of: $0) }
            #expect(try await eventually { database.total(\.checks) >= 3 })
            #expect(database.total(\.foundDead) == 0)
            try await backend.endConnection(id)
            #expect(try await database.figures { $0.connections == 0 })
            #expect(database.total(\.foundDead) == 1)
            #expect(database.total(\.outages) == 1)
        },
        ConformanceCase(
            "what was ended while it rested silently is pinged after the first loss, and no scope sees it",
            requires: .server,
            configuration: .pool(size: 4)
        ) { database, backend in
            try await database.warmUp(4)
            let rendezvous = Rendezvous(of: 4)
            let ids = try await withThrowingTaskGroup { group in
                for _ in 0..<4 {
                    group.addTask {
                        try await database.withSession { session in
                            await rendezvous.meet()
                            return try backend.connectionID(of: session)
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for id in ids { try await backend.endConnection(id) }
            for _ in 0..<8 { _ = try await database.withSession { try backend.connectionID(of: $0) } }
            // The outage was one.
            #expect(database.total(\.outages) == 1)
        },
        ConformanceCase("evicted connections are replaced, those in use when their scope ends") { database, backend in
            try await database.makePeople()
            let opened = database.statistics.connectionsOpened
            try await database.write { session in
                try session.addPerson("a")
                database.evictConnections()
                try session.addPerson("b")
            }
            #expect(try await database.people() == ["a", "b"])
            // A database in memory keeps its connection.
            let isKept = database.driver.topology == .singleConnection
            #expect(isKept || database.statistics.connectionsOpened > opened)
        },
        ConformanceCase("scopes whose connections are evicted at once run again, and write once") { database, _ in
            try await database.makePeople()
            let attempts = Mutex(0)
            try await database.write { session in
                let attempt = attempts.withLock { attempts in
                    attempts += 1
                    return attempts
                }
                try session.addPerson("a")
                if attempt == 1 {
                    database.evictConnections(.atOnce)
                    // The lane is free for a moment, in which the connection is closed.
                    await Task.yield()
                }
                try session.addPerson("b")
            }
            #expect(try await database.people() == ["a", "b"])
            #expect(attempts.withLock { $0 } == (database.driver.topology == .singleConnection ? 1 : 2))
        },
        ConformanceCase("a pool that shrinks closes what is too many, and one that grows opens more", requires: .server)
        {
            database,
            backend in
            try await database.warmUp(4)
            try database.resizePool(size: 1)
            #expect(try await database.figures { $0.connections == 1 && $0.limit == 1 })
            try database.resizePool(size: 6)
            try await database.warmUp(6)
            #expect(try await database.withSession { try backend.connectionCount(of: $0) } == 6)
            expectError(.invalidConfiguration) { try database.resizePool(size: 0) }
        },
        ConformanceCase("no scope begins while the pool is suspended") { database, _ in
            try await database.makePeople()
            database.suspend()
            let task = Task { try await database.people() }
            #expect(try await eventually { database.sum(\.waiting) == 1 })
            database.resume()
            #expect(try await task.value == [])
        },
        ConformanceCase(
            "a task that waits for a second connection while it holds the last one is told so",
            configuration: .pool(size: 1)
        ) { database, _ in
            try await database.makePeople()
            let error = await expectAsyncError(.wouldDeadlock) {
                try await database.write { session in
                    try session.addPerson("a")
                    try await database.separately { try await database.write { try $0.addPerson("b") } }
                }
            }
            #expect(error?.message.contains("ConformanceCase+Pool.swift:") == true)
            #expect(try await database.people() == [])
        },
        ConformanceCase(
            "who waits too long is told who holds the connections, and where",
            configuration: .pool(size: 1) { $0.acquireTimeout = .seconds(2) }
        ) { database, _ in
            try await database.makePeople()
            let (held, gate) = (Gate(), Gate())
            let holder = Task {
                try await database.write { session in
                    try session.addPerson("a")
                    held.open()
                    await gate.wait()
                }
            }
            await held.wait()
            let error = await expectAsyncError(.acquireTimeout) {
                try await database.write { try $0.addPerson("b") }
            }
            #expect(error?.message.contains("leased at MainstayTesting/ConformanceCase+Pool.swift:") == true)
            gate.open()
            try await holder.value
        },
        ConformanceCase(
            "connections are prepared when they are opened, and again when they were reset",
            configuration: .pool(size: 1) { $0.resetPolicy = .always }
        ) { database, _ in
            // Without a function of its own in the configuration, so that the case can count: see the next one.
            try await database.makePeople()
            try await database.write { try $0.addPerson("a") }
            #expect(try await database.figures { $0.leased == 0 && $0.resetting == 0 })
            #expect(database.total(\.resets) >= 2)
        },
        ConformanceCase(
            "a connection that can't be prepared is closed, and its error is the scope's",
            configuration: .pool(size: 1) { $0.prepareConnection = { try $0.execute("SELECT no_such_column") } }
        ) { database, _ async throws in
            await expectAsyncError(.undefinedObject) { try await database.people() }
            #expect(try await database.figures { $0.connections == 0 })
        },
        ConformanceCase(
            "closing breaks off what does not end within its grace",
            configuration: .pool(size: 1) { $0.closeGrace = .milliseconds(100) }
        ) { database, _ in
            try await database.makePeople()
            let (held, gate) = (Gate(), Gate())
            let scope = Task {
                try await database.write { session in
                    try session.addPerson("a")
                    held.open()
                    await gate.wait()
                    try session.addPerson("b")
                }
            }
            await held.wait()
            await database.close()
            #expect(database.poolFigures.values.allSatisfy { $0.connections == 0 })
            gate.open()
            await expectAsyncError(.connectionLost, .databaseClosed, .transactionFailed, .transactionRolledBack) {
                try await scope.value
            }
            await expectAsyncError(.databaseClosed) { try await database.people() }
            await database.close()
        },
        ConformanceCase(
            "a scope that never awaits commits nothing after the grace is over",
            configuration: .pool(size: 1) {
                $0.closeGrace = .milliseconds(100)
                $0.resetTimeout = .milliseconds(100)
            }
        ) { database, _ in
            try await database.makePeople()
            let held = Gate()
            let scope = Task {
                try await database.withSession { session in
                    held.open()
                    // On its lane for a second and more, as an import is.
                    for number in 0..<100_000 where !Task.isCancelled {
                        do {
                            try session.addPerson("\(number)")
                            try session.commit()
                        } catch {
                            session.rollback()
                            try session.addPerson("after")
                            try session.commit()
                        }
                    }
                }
            }
            await held.wait()
            await database.close()
            await expectAsyncError(.connectionLost) { try await scope.value }
        },
    ]
}
