// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

extension ConformanceCase {
    static let savepoints: [ConformanceCase] = [
        ConformanceCase("a savepoint that throws is undone, and the transaction goes on") { database, _ in
            try await database.makePeople()
            try await database.write { session in
                try session.addPerson("a")
                #expect(throws: ApplicationError(text: "inner")) {
                    try session.withSavepoint {
                        try session.addPerson("b")
                        throw ApplicationError(text: "inner")
                    }
                }
                let name = try session.withSavepoint {
                    try session.addPerson("c")
                    return "c"
                }
                try session.addPerson(name + "c")
            }
            #expect(try await database.people() == ["a", "c", "cc"])
        },
        ConformanceCase("an error of the database within a savepoint leaves the transaction usable") { database, _ in
            try await database.makePeople()
            try await database.write { session in
                try session.addPerson("a")
                expectError(.uniqueViolation) {
                    try session.withSavepoint {
                        try session.addPerson("b")
                        try session.addPerson("a")
                    }
                }
                #expect(try session.people() == ["a"])
                try session.addPerson("c")
            }
            #expect(try await database.people() == ["a", "c"])
        },
        ConformanceCase("savepoints nest to any depth") { database, _ in
            try await database.makePeople()
            try await database.write { session in
                func nest(_ depth: Int, _ session: isolated Session) throws {
                    guard depth <= 20 else { return }
                    try session.withSavepoint {
                        try session.addPerson("level \(depth + 10)")
                        try? session.withSavepoint {
                            try session.addPerson("undone \(depth)")
                            throw ApplicationError(text: "undone")
                        }
                        try nest(depth + 1, session)
                    }
                }
                try nest(1, session)
            }
            #expect(try await database.people() == (11...30).map { "level \($0)" })
        },
        ConformanceCase("an outer savepoint undoes inner ones that were kept") { database, _ in
            try await database.makePeople()
            try await database.write { session in
                try session.addPerson("a")
                try? session.withSavepoint {
                    try session.withSavepoint { try session.addPerson("b") }
                    try session.withSavepoint { try session.addPerson("c") }
                    throw ApplicationError(text: "outer")
                }
                try session.addPerson("d")
            }
            #expect(try await database.people() == ["a", "d"])
        },
        ConformanceCase("a savepoint may await something else") { database, _ in
            try await database.makePeople()
            try await database.write { session in
                try await session.withSavepoint {
                    try session.addPerson("a")
                    try await Task.sleep(for: .milliseconds(1))
                    try session.addPerson("b")
                }
                await #expect(throws: ApplicationError.self) {
                    try await session.withSavepoint {
                        try session.addPerson("c")
                        try await Task.sleep(for: .milliseconds(1))
                        throw ApplicationError(text: "no")
                    }
                }
            }
            #expect(try await database.people() == ["a", "b"])
        },
        ConformanceCase(
            "a savepoint that swallows an error says so and is undone",
            requires: .errorFailsTransaction
        ) { database, _ in
            try await database.makePeople()
            try await database.write { session in
                try session.addPerson("a")
                let error = expectError(.transactionRolledBack) {
                    try session.withSavepoint {
                        try session.addPerson("b")
                        expectError(.uniqueViolation) { try session.addPerson("a") }
                    }
                }
                #expect((error?.cause as? DatabaseError)?.code == .uniqueViolation)
                try session.addPerson("c")
            }
            #expect(try await database.people() == ["a", "c"])
        },
        ConformanceCase("a savepoint that can't be undone fails the transaction", without: .transactionalDDL) {
            database,
            _ in
            try await database.makePeople()
            let error = await expectAsyncError(.transactionRolledBack) {
                try await database.write { session in
                    try session.addPerson("a")
                    try? session.withSavepoint {
                        try session.addPerson("b")
                        // Commits a and b, and the savepoint is gone.
                        try session.execute("CREATE TABLE other (id \(type: .int64))")
                        try session.addPerson("c")
                        throw ApplicationError(text: "undo")
                    }
                    expectError(.transactionFailed) { try session.addPerson("d") }
                }
            }
            #expect(error?.isTransient == false)
            #expect(try await database.people() == ["a", "b"])
        },
        ConformanceCase("a savepoint is the first thing of a transaction, and ends with its scope") { database, _ in
            try await database.makePeople()
            try await database.write { session in
                try session.withSavepoint { try session.addPerson("a") }
            }
            try await database.withSession { session in
                try session.withSavepoint { try session.addPerson("b") }
            }
            #expect(try await database.people() == ["a"])
        },
    ]
}
