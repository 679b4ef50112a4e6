// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

/// What has ended can do nothing to what goes on, and what is inside of a scope belongs to it.
extension ConformanceCase {
    static let door: [ConformanceCase] = [
        ConformanceCase(
            "a session kept from a scope that has ended can do nothing, rollback() included",
            configuration: .oneConnection
        ) { database, _ in
            try await database.makePeople()
            let kept = try await database.write { session in
                try session.addPerson("a")
                return session
            }
            try await database.write { session in
                try session.addPerson("b")
                await kept.rollback()
                await kept.expectClosed()
                #expect(await kept.isInTransaction == false)
                expectTransaction(true, session)
                try session.addPerson("c")
            }
            #expect(try await database.people() == ["a", "b", "c"])
            await kept.expectClosed()
        },
        ConformanceCase(
            "a session kept from a scope that has ended disturbs no rows of the next one",
            configuration: .oneConnection
        ) { database, _ in
            try await database.makePeople()
            let names = (0..<300).map { "person \(1000 + $0)" }
            let kept = try await database.write { session in
                try session.execute(each: names) { "INSERT INTO people (name) VALUES (\($0))" }
                return session
            }
            try await database.write { session in
                var read: [String] = []
                for try await name in session.query("SELECT name FROM people ORDER BY name", as: String.self) {
                    read.append(name)
                    if read.count.isMultiple(of: 100) {
                        await kept.rollback()
                        await kept.expectClosed()
                    }
                }
                #expect(read == names)
                try session.addPerson("z")
            }
            #expect(try await database.people().count == names.count + 1)
        },
        ConformanceCase(
            "a savepoint that outlives its scope undoes nothing of the next one",
            configuration: .oneConnection
        ) { database, _ in
            try await database.makePeople()
            let (entered, gate) = (Gate(), Gate())
            let late = try await database.write { session in
                let late = Task { try await session.failInSavepoint(entered, gate) }
                await entered.wait()
                return late
            }
            try await database.write { session in
                try await session.withSavepoint {
                    try session.addPerson("a")
                    gate.open()
                    await #expect(throws: ApplicationError.self) { try await late.value }
                    try session.addPerson("b")
                }
            }
            #expect(try await database.people() == ["a", "b"])
        },
        ConformanceCase("a scope inside of a scope of the same database is refused, and the session works on") {
            database,
            _ in
            try await database.makePeople()
            try await database.write { session in
                try session.addPerson("a")
                let refusals = [
                    await expectAsyncError(.nestedScope) { try await database.write { try $0.addPerson("b") } },
                    await expectAsyncError(.nestedScope) { try await database.read { try $0.people() } },
                    await expectAsyncError(.nestedScope) { try await database.withSession { try $0.people() } },
                    await expectAsyncError(.nestedScope) { try await database.execute("DELETE FROM people") },
                    await expectAsyncError(.nestedScope) { try await database.query("SELECT name FROM people") },
                ]
                for refusal in refusals {
                    // Both places, and both ways out.
                    let message = refusal?.message ?? ""
                    #expect(message.split(separator: "ConformanceCase+Door.swift:").count == 3, "\(message)")
                    #expect(refusal?.hint?.contains("separately") == true)
                    #expect(refusal?.isTransient == false)
                }
                try session.addPerson("c")
            }
            #expect(try await database.people() == ["a", "c"])
            try await database.withSession { _ in
                await expectAsyncError(.nestedScope) { try await database.people() }
            }
        },
        ConformanceCase(
            "a scope that is said to be separate has a transaction of its own, and none inside of that",
            requires: .concurrentWriters
        ) { database, _ in
            try await database.makePeople()
            await #expect(throws: ApplicationError.self) {
                try await database.write { session in
                    try session.addPerson("a")
                    try await database.separately {
                        try await database.write { session in
                            try session.addPerson("b")
                            await expectAsyncError(.nestedScope) { try await database.people() }
                        }
                    }
                    await expectAsyncError(.nestedScope) { try await database.people() }
                    throw ApplicationError(text: "no")
                }
            }
            #expect(try await database.people() == ["b"])
        },
        ConformanceCase(
            "a task that a scope began goes on with scopes of its own after it",
            configuration: .oneConnection
        ) { database, _ in
            try await database.makePeople()
            let gate = Gate()
            let later = try await database.write { session in
                try session.addPerson("a")
                return Task {
                    await gate.wait()
                    try await database.write { try $0.addPerson("b") }
                }
            }
            gate.open()
            _ = try await later.value
            #expect(try await database.people() == ["a", "b"])
        },
    ]
}

extension DatabaseConfiguration {
    fileprivate static var oneConnection: DatabaseConfiguration { .pool(size: 1) }
}

extension Session {
    fileprivate func failInSavepoint(_ entered: Gate, _ gate: Gate) async throws {
        try await withSavepoint {
            entered.open()
            await gate.wait()
            throw ApplicationError(text: "late")
        }
    }

    /// Everything that a session can do is refused.
    fileprivate func expectClosed() async {
        expectError(.sessionClosed) { try execute("DELETE FROM people") }
        expectError(.sessionClosed) { try query("SELECT name FROM people", as: String.self).all() }
        expectError(.sessionClosed) { try query("SELECT name FROM people", as: String.self).rows() }
        expectError(.sessionClosed) { try execute(each: ["x"]) { "DELETE FROM people WHERE name = \($0)" } }
        expectError(.sessionClosed) { try executeScript("DELETE FROM people") }
        expectError(.sessionClosed) { try executeAutocommit("DELETE FROM people") }
        expectError(.sessionClosed) { try commit() }
        expectError(.sessionClosed) { try setTransactionOptions(TransactionOptions(access: .readOnly)) }
        expectError(.sessionClosed) { try withSavepoint {} }
        expectError(.sessionClosed) { try withConnection(as: (any Connection).self) { $0.close() } }
    }
}
