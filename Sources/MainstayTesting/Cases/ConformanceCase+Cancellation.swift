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
    ]
}
