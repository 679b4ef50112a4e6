// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

extension DatabaseConfiguration {
    /// One connection, so that whoever comes next gets the one that was cancelled.
    fileprivate static let single: DatabaseConfiguration = {
        var configuration = DatabaseConfiguration.conformance
        configuration.pool = PoolConfiguration(size: 1, acquireTimeout: .seconds(60))
        return configuration
    }()
}

extension ConformanceCase {
    static let cancellation: [ConformanceCase] = [
        ConformanceCase("a statement ends with its task, and nothing of its transaction stays", configuration: .single)
        {
            database,
            backend in
            try await database.makePeople()
            let gate = Gate()
            let scope = Task {
                try await database.write { session in
                    try session.addPerson("a")
                    gate.open()
                    try session.execute(backend.endlessStatement)
                }
            }
            await gate.wait()
            try await Task.sleep(for: .milliseconds(20))
            scope.cancel()
            let error = await expectAsyncError(.cancelled) { try await scope.value }
            #expect(error?.isTransient == false)
            #expect(try await database.people() == [])
            #expect(database.statistics.retries == 0)
            // The connection has survived it.
            #expect(database.poolFigures.values.allSatisfy { $0.totals.closes == [:] })
        },
        ConformanceCase("a read ends with its task, and the next one has the connection") { database, backend in
            let gate = Gate()
            let scope = Task {
                try await database.read { session in
                    gate.open()
                    _ = try session.query(backend.endlessStatement).all()
                }
            }
            await gate.wait()
            try await Task.sleep(for: .milliseconds(20))
            scope.cancel()
            await expectAsyncError(.cancelled) { try await scope.value }
            #expect(try await database.query("SELECT 1", as: Int.self) == [1])
        },
        ConformanceCase(
            "a one-line query ends with its task, whether it runs, waits for a connection, or has not begun",
            configuration: .single
        ) { database, backend in
            let running = Task { try await database.query(backend.endlessStatement) }
            #expect(try await eventually { database.sum(\.leased) == 1 })
            let waiting = Task { try await database.query("SELECT 1") }
            #expect(try await eventually { database.sum(\.waiting) == 1 })
            waiting.cancel()
            await expectAsyncError(.cancelled) { try await waiting.value }
            #expect(database.sum(\.leased) == 1)
            try await Task.sleep(for: .milliseconds(20))
            running.cancel()
            await expectAsyncError(.cancelled) { try await running.value }
            let late = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await database.query("SELECT 1")
            }
            await expectAsyncError(.cancelled) { try await late.value }
            #expect(try await database.query("SELECT 1", as: Int.self) == [1])
            #expect(database.poolFigures.values.allSatisfy { $0.waiting == 0 && $0.totals.closes == [:] })
        },
        ConformanceCase("a cancelled scope sends nothing more, not even its COMMIT", configuration: .single) {
            database,
            _ in
            try await database.makePeople()
            for isCommitting in [true, false] {
                let (held, cancelled) = (Gate(), Gate())
                let scope = Task {
                    try await database.write { session in
                        try session.addPerson("a")
                        held.open()
                        await cancelled.wait()
                        if isCommitting { return }
                        try session.addPerson("b")
                    }
                }
                await held.wait()
                scope.cancel()
                cancelled.open()
                await expectAsyncError(.cancelled) { try await scope.value }
                #expect(try await database.people() == [])
            }
        },
        ConformanceCase("rollback() works in a cancelled task, and the session stays cancelled", configuration: .single)
        {
            database,
            _ in
            try await database.makePeople()
            let (held, cancelled) = (Gate(), Gate())
            let scope = Task {
                try await database.withSession { session in
                    try session.addPerson("a")
                    held.open()
                    await cancelled.wait()
                    session.rollback()
                    expectTransaction(false, session)
                    expectError(.cancelled) { try session.addPerson("b") }
                }
            }
            await held.wait()
            scope.cancel()
            cancelled.open()
            try await scope.value
            #expect(try await database.people() == [])
        },
        ConformanceCase("what was committed before its task was cancelled stays", configuration: .single) {
            database,
            backend in
            try await database.makePeople()
            let gate = Gate()
            let scope = Task {
                try await database.withSession { session in
                    try session.addPerson("kept")
                    try session.commit()
                    gate.open()
                    try session.execute(backend.endlessStatement)
                }
            }
            await gate.wait()
            scope.cancel()
            await expectAsyncError(.cancelled) { try await scope.value }
            #expect(try await database.people() == ["kept"])
        },
        ConformanceCase(
            "no request to cancel a statement that has ended hits those of the next scope",
            configuration: .single
        ) { database, _ in
            for _ in 0..<200 {
                let scope = Task {
                    try await database.withSession { session in
                        // Each is over before a request can reach the server.
                        while true { _ = try session.query("SELECT 1", as: Int.self).one() }
                    }
                }
                try await Task.sleep(for: .microseconds(Int.random(in: 0..<2000)))
                scope.cancel()
                await expectAsyncError(.cancelled) { try await scope.value }
                try await database.read { session in
                    for _ in 0..<200 { _ = try session.query("SELECT 1", as: Int.self).one() }
                }
            }
        },
        ConformanceCase("no request to cancel that comes late hits what comes next", configuration: .single) {
            database,
            backend in
            for _ in 0..<300 {
                let scope = Task {
                    try await database.withSession { _ = try $0.execute(backend.endlessStatement) }
                }
                try await Task.sleep(for: .microseconds(Int.random(in: 0..<3000)))
                scope.cancel()
                await expectAsyncError(.cancelled) { try await scope.value }
                #expect(try await database.query("SELECT 1", as: Int.self) == [1])
            }
        },
        ConformanceCase("of a thousand statements that follow a cancelled one none is hit", configuration: .single) {
            database,
            backend in
            try await database.cancelBriefStatements(1000, backend)
        },
        ConformanceCase("requests to cancel that travel slowly hit nothing else", requires: .server) { _, backend in
            try await backend.withDatabase(.single, through: .plaintext) { database, proxy in
                try await database.execute("SELECT 1")
                // Those that come now are the requests.
                proxy.inject(.delay(.toServer, .milliseconds(6)), when: .accepted, times: .max)
                try await database.cancelBriefStatements(150, backend)
                #expect(proxy.accepted > 10)
            }
        },
        ConformanceCase("a request to cancel that can't be made is made again", requires: .server) { _, backend in
            for fault in [Fault.reset, .close] {
                try await backend.withDatabase(.single, through: .plaintext) { database, proxy in
                    try await database.execute("SELECT 1")
                    let injection = proxy.inject(fault, when: .accepted)
                    let scope = Task { try await database.withSession { _ = try $0.execute(backend.endlessStatement) } }
                    #expect(try await eventually { database.sum(\.leased) == 1 })
                    try await Task.sleep(for: .milliseconds(50))
                    scope.cancel()
                    await expectAsyncError(.cancelled) { try await scope.value }
                    #expect(injection.hasFired)
                    #expect(try await database.query("SELECT 1", as: Int.self) == [1])
                }
            }
        },
        ConformanceCase("a request to cancel without an answer is not waited for", requires: .server) { _, backend in
            try await backend.withDatabase(.single, through: .plaintext) { database, proxy in
                try await database.execute("SELECT 1")
                proxy.inject(.blackhole(nil), when: .accepted)
                let scope = Task { try await database.withSession { _ = try $0.execute(backend.endlessStatement) } }
                #expect(try await eventually { database.sum(\.leased) == 1 })
                try await Task.sleep(for: .milliseconds(50))
                let start = ContinuousClock.now
                scope.cancel()
                let error = await expectAsyncError(.cancelled) { try await scope.value }
                #expect(ContinuousClock.now - start < .seconds(20))
                // It goes on at the server, and so not on this connection.
                #expect(error?.isConnectionUsable == false)
                #expect(try await database.query("SELECT 1", as: Int.self) == [1])
                proxy.heal()
            }
        },
    ]
}

extension Database {
    /// Cancels statements that are about to end by themselves, and executes others after them on the same connection.
    fileprivate func cancelBriefStatements(_ count: Int, _ backend: any ConformanceBackend) async throws {
        var cancelled = 0
        for index in 0..<count {
            let scope = Task {
                try await withSession { session in
                    // Within a transaction its ROLLBACK has to wait as well.
                    if index.isMultiple(of: 2) {
                        try session.execute(backend.briefStatement)
                    } else {
                        try session.executeAutocommit(backend.briefStatement)
                    }
                }
            }
            try await Task.sleep(for: .microseconds(Int.random(in: 0..<8000)))
            scope.cancel()
            do {
                _ = try await scope.value
            } catch let error as DatabaseError {
                #expect(error.code == .cancelled, "\(error)")
                cancelled += 1
            }
            // Not short, so that a request that is on its way would find it.
            _ = try await query(backend.briefStatement)
        }
        #expect(cancelled > 0)
    }
}
