// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

extension ConformanceCase {
    static let transactions: [ConformanceCase] = [
        ConformanceCase("rule 1: what the server says decides whether a transaction is open") { database, _ in
            try await database.makePeople()
            try await database.withSession { session in
                expectTransaction(false, session)
                try session.addPerson("a")
                expectTransaction(true, session)
                // The script ends the transaction behind the session's back, and the next statement begins another.
                try session.executeScript("COMMIT")
                expectTransaction(false, session)
                try session.addPerson("b")
                expectTransaction(true, session)
                session.rollback()
            }
            #expect(try await database.people() == ["a"])
        },
        ConformanceCase(
            "rule 2: a commit that would roll back is an error that names the first failure",
            requires: .errorFailsTransaction
        ) { database, _ in
            try await database.makePeople()
            try await database.execute("INSERT INTO people (name) VALUES ('taken')")
            let error = await expectAsyncError(.transactionRolledBack) {
                try await database.write { session in
                    try session.addPerson("a")
                    expectError(.uniqueViolation) { try session.addPerson("taken") }
                    let later = expectError(.transactionFailed) { try session.addPerson("b") }
                    #expect((later?.cause as? DatabaseError)?.code == .uniqueViolation)
                }
            }
            #expect((error?.cause as? DatabaseError)?.code == .uniqueViolation)
            #expect((error?.cause as? DatabaseError)?.statement?.contains("INSERT INTO people") == true)
            #expect(try await database.people() == ["taken"])
        },
        ConformanceCase(
            "rule 2: a failed statement is undone alone where the database says so",
            without: .errorFailsTransaction
        ) { database, _ in
            try await database.makePeople()
            try await database.execute("INSERT INTO people (name) VALUES ('taken')")
            try await database.write { session in
                try session.addPerson("a")
                expectError(.uniqueViolation) { try session.addPerson("taken") }
                try session.addPerson("b")
            }
            #expect(try await database.people() == ["a", "b", "taken"])
        },
        ConformanceCase("rule 3: the victim of a deadlock loses everything", requires: .concurrentWriters) {
            database,
            _ in
            try await database.makePeople()
            try await database.write { session in
                for name in ["a", "b"] { try session.addPerson(name, age: 0) }
            }
            let (first, second) = (Gate(), Gate())
            func lock(_ mine: String, _ other: String, _ own: Gate, _ others: Gate) async throws -> Bool {
                try await database.withSession { session in
                    try session.execute("INSERT INTO people (name) VALUES (\("by \(mine)"))")
                    try session.execute("UPDATE people SET age = 1 WHERE name = \(mine)")
                    own.open()
                    await others.wait()
                    do {
                        try session.execute("UPDATE people SET age = 2 WHERE name = \(other)")
                        try session.commit()
                        return true
                    } catch let error as DatabaseError {
                        #expect(error.code == .deadlock, "\(error)")
                        #expect(error.isTransient)
                        #expect(error.isConnectionUsable)
                        // Nothing may run outside of the lost transaction and survive.
                        let later = expectError(.transactionFailed) { try session.addPerson("survivor of \(mine)") }
                        #expect((later?.cause as? DatabaseError)?.code == .deadlock)
                        expectError(.transactionRolledBack) { try session.commit() }
                        #expect(try session.query("SELECT 1", as: Int.self).one() == 1)
                        return false
                    }
                }
            }
            async let one = lock("a", "b", first, second)
            async let two = lock("b", "a", second, first)
            let outcomes = try await [one, two]
            #expect(outcomes.count { $0 } == 1, "one wins and one loses")
            #expect(try await database.people() == ["a", "b", outcomes[0] ? "by a" : "by b"])
        },
        ConformanceCase("rule 3: write scopes in a deadlock both succeed in the end", requires: .concurrentWriters) {
            database,
            _ in
            try await database.makePeople()
            try await database.write { session in
                for name in ["a", "b"] { try session.addPerson(name, age: 0) }
            }
            try await withThrowingTaskGroup { group in
                for (mine, other) in Array(repeating: [("a", "b"), ("b", "a")], count: 10).flatMap({ $0 }) {
                    group.addTask {
                        try await database.write { session in
                            try session.execute("UPDATE people SET age = age + 1 WHERE name = \(mine)")
                            try session.execute("UPDATE people SET age = age + 1 WHERE name = \(other)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.query("SELECT age FROM people ORDER BY name", as: Int.self) == [20, 20])
        },
        ConformanceCase("rule 3: DDL commits, and the scope that did it is not run again", without: .transactionalDDL) {
            database,
            backend in
            try await database.makePeople()
            // Not `connectionLost`, which is transient: who did it again would have two of them.
            let error = await expectAsyncError(.partlyCommitted) {
                try await database.write { session in
                    try session.addPerson("a")
                    try session.execute("CREATE TABLE other (id \(type: .int64))")
                    try session.addPerson("b")
                    try await backend.killConnection(of: session)
                    try session.addPerson("c")
                }
            }
            #expect(error?.isTransient == false)
            #expect((error?.cause as? DatabaseError)?.code == .connectionLost)
            #expect(try await database.people() == ["a"])
            #expect(database.statistics.retries == 0)
        },
        ConformanceCase("rule 3: DDL that fails has committed all the same", without: .transactionalDDL) {
            database,
            _ in
            try await database.makePeople()
            try await database.write { session in
                try session.addPerson("a")
                expectError(.duplicateObject) { try session.execute("CREATE TABLE people (id \(type: .int64))") }
                expectTransaction(false, session)
                try session.addPerson("b")
            }
            #expect(try await database.people() == ["a", "b"])
        },
        ConformanceCase("rule 3: DDL is part of the transaction", requires: .transactionalDDL) { database, _ in
            await #expect(throws: ApplicationError.self) {
                try await database.write { session in
                    try session.execute("CREATE TABLE other (id \(type: .int64))")
                    throw ApplicationError(text: "no")
                }
            }
            await expectAsyncError(.undefinedObject) { try await database.query("SELECT * FROM other") }
        },
        ConformanceCase("rule 5: a failed transaction is usable again after rollback()") { database, backend in
            try await database.makePeople()
            try await database.execute("INSERT INTO people (name) VALUES ('taken')")
            try await database.withSession { session in
                try session.addPerson("lost")
                expectError(.uniqueViolation) { try session.addPerson("taken") }
                if backend.dialect.capabilities.contains(.errorFailsTransaction) {
                    expectError(.transactionFailed) { try session.people() }
                    expectError(.transactionFailed) { try session.executeScript("SELECT 1") }
                    expectError(.transactionFailed) { try session.withSavepoint {} }
                    expectError(.transactionFailed) { try session.execute(each: [1]) { "SELECT \($0)" } }
                }
                session.rollback()
                #expect(try session.people() == ["taken"])
                try session.addPerson("kept")
                try session.commit()
            }
            #expect(try await database.people() == ["kept", "taken"])
        },
        ConformanceCase("rule 6: a failing rollback does not hide the application's error") { database, backend in
            try await database.makePeople()
            await #expect(throws: ApplicationError(text: "mine")) {
                try await database.write { session in
                    try session.addPerson("a")
                    try await backend.killConnection(of: session)
                    throw ApplicationError(text: "mine")
                }
            }
            #expect(try await database.people() == [])
        },
        ConformanceCase("rule 7: a deferred constraint fails the commit", requires: .deferredConstraints) {
            database,
            _ in
            try await database.write { session in
                try session.execute("CREATE TABLE parents (id \(type: .int64) PRIMARY KEY)")
                try session.execute(
                    """
                    CREATE TABLE children (
                        id \(type: .int64) PRIMARY KEY,
                        parent \(type: .int64) REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED
                    )
                    """
                )
            }
            await expectAsyncError(.foreignKeyViolation) {
                try await database.write { session in
                    try session.execute("INSERT INTO children (id, parent) VALUES (1, 7)")
                }
            }
            #expect(try await database.query("SELECT count(*) FROM children", as: Int.self) == [0])
            try await database.write { session in
                try session.execute("INSERT INTO children (id, parent) VALUES (1, 7)")
                try session.execute("INSERT INTO parents (id) VALUES (7)")
            }
            #expect(try await database.query("SELECT count(*) FROM children", as: Int.self) == [1])
        },
        ConformanceCase(
            "rule 8: nothing of a session reaches the next",
            configuration: DatabaseConfiguration(pool: PoolConfiguration(size: 1))
        ) { database, _ in
            try await database.makePeople()
            try await database.withSession { session in
                try session.execute("CREATE TEMPORARY TABLE left_behind (id INTEGER)")
                try session.execute("INSERT INTO left_behind VALUES (1)")
                try session.commit()
                try session.addPerson("uncommitted")
            }
            try await database.withSession { session throws in
                expectError(.undefinedObject) { try session.query("SELECT * FROM left_behind").all() }
                session.rollback()
                #expect(try session.people() == [])
            }
        },
        ConformanceCase(
            "a serialization failure runs the scope again",
            requires: [.concurrentWriters, .isolationLevels]
        ) {
            database,
            _ in
            try await database.makePeople()
            try await database.execute("INSERT INTO people (name, age) VALUES ('john', 0)")
            try await withThrowingTaskGroup { group in
                for _ in 0..<12 {
                    group.addTask {
                        try await database.write(isolation: .serializable) { session in
                            let age = try session.query("SELECT age FROM people WHERE name = 'john'", as: Int.self)
                                .one()
                            try session.execute("UPDATE people SET age = \(age + 1) WHERE name = 'john'")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.query("SELECT age FROM people", as: Int.self) == [12])
        },
        ConformanceCase("isolation levels differ in what they see", requires: .isolationLevels) { database, _ in
            try await database.makePeople()
            func counts(_ isolation: IsolationLevel) async throws -> [Int] {
                try await database.read(isolation: isolation) { session in
                    let before = try session.query("SELECT count(*) FROM people", as: Int.self).one()
                    try await database.separately {
                        try await database.execute("INSERT INTO people (name) VALUES (\("during \(isolation)"))")
                    }
                    return [before, try session.query("SELECT count(*) FROM people", as: Int.self).one()]
                }
            }
            #expect(try await counts(.readCommitted) == [0, 1])
            #expect(try await counts(.repeatableRead) == [1, 1])
        },
        ConformanceCase("every isolation level can be asked for") { database, _ in
            try await database.makePeople()
            for level in [IsolationLevel.readUncommitted, .readCommitted, .repeatableRead, .serializable] {
                try await database.write(isolation: level) { session in try session.addPerson("\(level)") }
                try await database.read(isolation: level) { session throws in
                    #expect(try session.people().contains("\(level)"))
                }
            }
        },
        ConformanceCase("an unmanaged session chooses how its transactions begin") { database, _ in
            try await database.makePeople()
            try await database.withSession { session in
                try session.setTransactionOptions(TransactionOptions(isolation: .serializable, access: .readOnly))
                #expect(try session.people() == [])
                expectError(.misuse) { try session.setTransactionOptions(TransactionOptions()) }
                expectError(.readOnly) { try session.addPerson("a") }
                session.rollback()
                try session.setTransactionOptions(TransactionOptions())
                try session.addPerson("b")
                try session.commit()
            }
            #expect(try await database.people() == ["b"])
        },
    ]
}
