// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Synchronization
import Testing

extension ConformanceCase {
    static let connections: [ConformanceCase] = [
        ConformanceCase("a write scope whose connection is killed is run again, and writes once") { database, backend in
            try await database.makePeople()
            let attempts = Mutex(0)
            try await database.write { session in
                let attempt = attempts.withLock { attempts in
                    attempts += 1
                    return attempts
                }
                try session.addPerson("a")
                if attempt == 1 { try await backend.killConnection(of: session) }
                try session.addPerson("b")
            }
            #expect(attempts.withLock { $0 } == 2)
            #expect(database.statistics.retries == 1)
            #expect(try await database.people() == ["a", "b"])
        },
        ConformanceCase("a read scope whose connection is killed is run again") { database, backend in
            try await database.makePeople()
            let attempts = Mutex(0)
            let count = try await database.read { session in
                let attempt = attempts.withLock { attempts in
                    attempts += 1
                    return attempts
                }
                _ = try session.people()
                if attempt == 1 { try await backend.killConnection(of: session) }
                return try session.query("SELECT count(*) FROM people", as: Int.self).one()
            }
            #expect(count == 0)
            #expect(attempts.withLock { $0 } == 2)
        },
        ConformanceCase("an unmanaged session reports the loss once and is usable after rollback()") {
            database,
            backend in
            try await database.makePeople()
            try await database.withSession { session in
                try session.addPerson("lost")
                try await backend.killConnection(of: session)
                let error = expectError(.connectionLost) { try session.addPerson("never") }
                #expect(error?.isTransient == true)
                #expect(error?.isConnectionUsable == false)
                let later = expectError(.transactionFailed) { try session.addPerson("never") }
                #expect((later?.cause as? DatabaseError)?.code == .connectionLost)
                session.rollback()
                try session.addPerson("kept")
                try session.commit()
            }
            #expect(try await database.people() == ["kept"])
        },
        ConformanceCase(
            "scopes are not run again when the policy says so",
            configuration: DatabaseConfiguration(retry: .never)
        ) { database, backend in
            try await database.makePeople()
            await expectAsyncError(.connectionLost) {
                try await database.write { session in
                    try session.addPerson("a")
                    try await backend.killConnection(of: session)
                    try session.addPerson("b")
                }
            }
            #expect(try await database.people() == [])
            #expect(database.statistics.retries == 0)
        },
        ConformanceCase(
            "a connection that died while it rested is replaced before anything is sent",
            requires: .server,
            configuration: DatabaseConfiguration(pool: PoolConfiguration(size: 1), retry: .never)
        ) { database, backend in
            try await database.makePeople()
            for round in 1...3 {
                let connection = try await database.withSession { session in try backend.connectionID(of: session) }
                try await backend.endConnection(connection)
                try await database.execute("INSERT INTO people (name) VALUES (\("p\(round)"))")
            }
            #expect(try await database.people() == ["p1", "p2", "p3"])
            #expect(database.statistics.retries == 0)
            #expect(database.statistics.connectionsReplaced > 0)
        },
        ConformanceCase("a pool whose every connection was killed recovers") { database, backend in
            try await database.makePeople()
            for _ in 0..<3 {
                try await withThrowingTaskGroup { group in
                    for _ in 0..<8 {
                        group.addTask {
                            try? await database.withSession { session in
                                try await backend.killConnection(of: session)
                                try session.addPerson("never committed")
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
            try await database.write { session in try session.addPerson("a") }
            #expect(try await database.people() == ["a"])
        },
        ConformanceCase("what is misconfigured says so at once, without secrets") { _, backend in
            for misconfiguration in backend.misconfigurations {
                let error = await expectAsyncError(configuration: misconfiguration)
                for secret in misconfiguration.secrets {
                    #expect(error?.description.contains(secret) == false, "\(misconfiguration.name) shows a secret")
                    #expect(error.map { String(reflecting: $0) }?.contains(secret) == false)
                }
                #expect(error?.isConnectionUsable == false, "\(misconfiguration.name)")
            }
        },
        ConformanceCase("the driver's own connection is at hand in the scope") { database, _ in
            struct NoConnection {}
            try await database.write { session in
                #expect(throws: DatabaseError.self) { try session.withConnection(as: NoConnection.self) { _ in } }
                let isUsable = try session.withConnection(as: (any Connection).self) { $0.isUsable }
                #expect(isUsable)
            }
        },
        ConformanceCase("two hundred tasks over few connections all get their turn") { database, _ in
            try await database.makePeople()
            try await withThrowingTaskGroup { group in
                for index in 0..<200 {
                    group.addTask {
                        if index.isMultiple(of: 2) {
                            try await database.write { session in try session.addPerson("p\(index)") }
                        } else {
                            _ = try await database.query("SELECT count(*) FROM people", as: Int.self)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.query("SELECT count(*) FROM people", as: Int.self) == [100])
            #expect(database.statistics.connectionsOpened <= 5)
        },
    ]
}

/// Opens what is misconfigured and runs a scope, which must fail.
private func expectAsyncError(configuration: Misconfiguration) async -> DatabaseError? {
    do {
        let database = try configuration.open(.conformance)
        do {
            _ = try await database.query("SELECT 1", as: Int.self)
            Issue.record("\(configuration.name): no error was thrown")
            await database.close()
            return nil
        } catch {
            await database.close()
            throw error
        }
    } catch let error as DatabaseError {
        #expect(configuration.codes.contains(error.code), "\(configuration.name): \(error)")
        return error
    } catch {
        Issue.record("\(configuration.name): \(error)")
        return nil
    }
}
