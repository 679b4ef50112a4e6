// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Synchronization
import Testing

extension ConformanceCase {
    static let scopes: [ConformanceCase] = [
        ConformanceCase("a write scope commits when it returns") { database, _ in
            try await database.makePeople()
            let count = try await database.write { session in
                try session.addPerson("john")
                return try session.query("SELECT count(*) FROM people", as: Int.self).one()
            }
            #expect(count == 1)
            #expect(try await database.people() == ["john"])
        },
        ConformanceCase("a write scope rolls back when it throws, and the error comes back as it was") { database, _ in
            try await database.makePeople()
            await #expect(throws: ApplicationError(text: "mine")) {
                try await database.write { session in
                    try session.addPerson("john")
                    throw ApplicationError(text: "mine")
                }
            }
            #expect(try await database.people() == [])
        },
        ConformanceCase("a read scope reads and can't write") { database, _ in
            try await database.makePeople()
            try await database.execute("INSERT INTO people (name) VALUES ('john')")
            #expect(try await database.read { session in try session.people() } == ["john"])
            await expectAsyncError(.readOnly) {
                try await database.read { session in try session.addPerson("jane") }
            }
            // The connection went back to the pool and writes again.
            try await database.write { session in try session.addPerson("jane") }
            #expect(try await database.people() == ["jane", "john"])
        },
        ConformanceCase("a read scope can't be made to write") { database, _ in
            try await database.makePeople()
            try await database.read { session throws in
                expectError(.misuse) { try session.setTransactionOptions(TransactionOptions()) }
                expectError(.readOnly) { try session.addPerson("a") }
                session.rollback()
            }
            #expect(try await database.people() == [])
        },
        ConformanceCase("an unmanaged session runs several transactions") { database, _ in
            try await database.makePeople()
            try await database.withSession { session in
                try session.addPerson("a")
                expectTransaction(true, session)
                try session.commit()
                expectTransaction(false, session)
                try session.addPerson("b")
                session.rollback()
                try session.addPerson("c")
                try session.commit()
                try session.addPerson("d")
            }
            #expect(try await database.people() == ["a", "c"])
        },
        ConformanceCase("commit and rollback without a transaction do nothing") { database, _ in
            try await database.withSession { session in
                try session.commit()
                session.rollback()
                session.rollback()
                try session.commit()
                #expect(try session.query("SELECT 1", as: Int.self).one() == 1)
            }
        },
        ConformanceCase("an empty scope executes nothing") { database, _ in
            try await database.write { _ in }
            try await database.read { _ in }
            #expect(database.statistics.statements == 0)
        },
        ConformanceCase("a session can't be used after its scope") { database, _ in
            let escaped = Mutex<Session?>(nil)
            try await database.write { session in
                _ = try session.query("SELECT 1", as: Int.self).one()
                escaped.withLock { [session] in $0 = session }
            }
            let session = try #require(escaped.withLock { $0 })
            await expectAsyncError(.sessionClosed) { try await session.execute("SELECT 1") }
            await expectAsyncError(.sessionClosed) { try await session.commit() }
            await session.rollback()
            #expect(try await database.query("SELECT 1", as: Int.self) == [1])
        },
        ConformanceCase("one-line statements execute and query") { database, _ in
            try await database.makePeople()
            let completion = try await database.execute("INSERT INTO people (name, age) VALUES ('john', \(33))")
            #expect(completion.affectedRows == 1)
            let rows = try await database.query("SELECT name, age FROM people")
            #expect(try rows.first?["name", as: String.self] == "john")
            let pairs = try await database.query("SELECT name, age FROM people", as: (String, Int?).self)
            #expect(pairs.first?.0 == "john")
            #expect(pairs.first?.1 == 33)
            #expect(try await database.query("SELECT age FROM people", as: Int.self) == [33])
        },
        ConformanceCase(
            "one-line queries can't write, and what follows them on their connection can",
            requires: .insertReturning,
            configuration: .pool(size: 1)
        ) { database, _ in
            try await database.makePeople()
            let insertion: SQL = "INSERT INTO people (name) VALUES ('refused') RETURNING name"
            for name in ["a", "b"] {
                #expect(try await database.query("SELECT 1", as: Int.self) == [1])
                let refusal = await expectAsyncError(.readOnly) { try await database.query(insertion, as: String.self) }
                #expect(refusal?.isTransient == false)
                #expect(refusal?.isConnectionUsable == true)
                try await database.withSession { session in
                    try session.executeAutocommit("INSERT INTO people (name) VALUES (\(name + "1"))")
                }
                #expect(try await database.query("SELECT 1", as: Int.self) == [1])
                try await database.write { session in _ = try session.addPerson(name + "2") }
                #expect(try await database.query("SELECT 1", as: Int.self) == [1])
                // Where DDL commits, what follows it in a script is in no transaction.
                try await database.write { session in
                    try session.executeScript("CREATE TABLE pets_\(name) (id INT); INSERT INTO pets_\(name) VALUES (1)")
                }
                await expectAsyncError(.undefinedObject) { try await database.query("SELECT no_such_column") }
                try await database.withSession { session in
                    _ = try session.addPerson(name + "3")
                    try session.commit()
                }
            }
            #expect(try await database.people() == ["a1", "a2", "a3", "b1", "b2", "b3"])
            #expect(database.poolFigures.values.allSatisfy { $0.totals.closes == [:] })
        },
        ConformanceCase("a transaction is not seen by others before it is committed") { database, _ in
            try await database.makePeople()
            try await database.write { session in
                try session.addPerson("john")
                let seen = try await database.separately {
                    try await database.query("SELECT count(*) FROM people", as: Int.self)
                }
                #expect(seen == [0])
            }
            #expect(try await database.people() == ["john"])
        },
        ConformanceCase("tasks that change one row at the same time lose no change") { database, _ in
            try await database.makePeople()
            try await database.execute("INSERT INTO people (name, age) VALUES ('john', 0)")
            try await withThrowingTaskGroup { group in
                for _ in 0..<50 {
                    group.addTask {
                        try await database.write { session in
                            try session.execute("UPDATE people SET age = age + 1 WHERE name = 'john'")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.query("SELECT age FROM people", as: Int.self) == [50])
            for figures in try await database.restingPools() {
                #expect(figures.leased == 0)
                #expect(figures.waiting == 0)
                #expect(figures.idle + figures.connecting + figures.closing <= figures.limit)
            }
        },
        ConformanceCase("a scope may await something else and goes on") { database, _ in
            try await database.makePeople()
            try await database.write { session in
                try session.addPerson("a")
                try await Task.sleep(for: .milliseconds(1))
                try session.addPerson("b")
            }
            #expect(try await database.people() == ["a", "b"])
        },
        ConformanceCase("a task that is cancelled while it waits for a connection gives up at once") { database, _ in
            let limit = database.poolFigures[.writer]?.limit ?? 1
            try await withThrowingTaskGroup { group in
                let (holding, held) = AsyncStream<Void>.makeStream()
                let release = Gate()
                for _ in 0..<limit {
                    group.addTask {
                        try await database.write { session in
                            _ = try session.query("SELECT 1", as: Int.self).one()
                            held.yield()
                            await release.wait()
                        }
                    }
                }
                var iterator = holding.makeAsyncIterator()
                for _ in 0..<limit { await iterator.next() }
                let waiting = Task { try await database.write { _ in } }
                waiting.cancel()
                await expectAsyncError(.cancelled) { try await waiting.value }
                release.open()
                try await group.waitForAll()
            }
            try await database.write { _ in }
        },
        ConformanceCase("a statement outside of transactions is not rolled back and not run again") {
            database,
            backend in
            try await database.makePeople()
            await expectAsyncError(.partlyCommitted) {
                try await database.write { session in
                    try session.executeAutocommit("INSERT INTO people (name) VALUES ('outside')")
                    try session.addPerson("inside")
                    expectError(.misuse) { try session.executeAutocommit("DELETE FROM people") }
                    try await backend.killConnection(of: session)
                    try session.addPerson("never")
                }
            }
            #expect(try await database.people() == ["outside"])
            #expect(database.statistics.retries == 0)
        },
        ConformanceCase("statements that refuse transactions are executed outside of them", requires: .transactionalDDL)
        {
            database,
            _ in
            try await database.withSession { session in
                try session.executeAutocommit("VACUUM")
                #expect(try session.query("SELECT 1", as: Int.self).one() == 1)
            }
        },
        ConformanceCase("a scope that committed by itself is not run again") { database, backend in
            try await database.makePeople()
            await expectAsyncError(.partlyCommitted) {
                try await database.write { session in
                    try session.addPerson("a")
                    try session.commit()
                    try session.addPerson("b")
                    try await backend.killConnection(of: session)
                    try session.addPerson("c")
                }
            }
            #expect(try await database.people() == ["a"])
            #expect(database.statistics.retries == 0)
        },
        ConformanceCase(
            "one task after the other uses one connection",
            requires: .server
        ) { database, _ in
            try await database.makePeople()
            for index in 0..<50 {
                try await database.write { session in try session.addPerson("p\(index)") }
                _ = try await database.query("SELECT count(*) FROM people", as: Int.self)
            }
            #expect(database.statistics.connectionsOpened == 1)
        },
        ConformanceCase("closing waits for scopes, and then nothing begins") { database, _ in
            try await database.makePeople()
            let (started, start) = AsyncStream<Void>.makeStream()
            let writing = Task {
                try await database.write { session in
                    try session.addPerson("john")
                    start.yield()
                    try await Task.sleep(for: .milliseconds(20))
                    return try session.people()
                }
            }
            for await _ in started { break }
            await database.close()
            #expect(try await writing.value == ["john"])
            await expectAsyncError(.databaseClosed) { try await database.write { _ in } }
            await expectAsyncError(.databaseClosed) { try await database.query("SELECT 1") }
            await database.close()
        },
    ]
}
