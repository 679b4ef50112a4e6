// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstaySQLite
import Testing

@Suite struct SQLiteMemoryTests {
    @Test func `A database in memory that lost its connection is gone, and says so`() async throws {
        let database = try Database("sqlite::memory:", drivers: [.sqlite])
        try await database.execute("CREATE TABLE a (b INTEGER)")
        let first = await #expect(throws: DatabaseError.self) {
            try await database.write { session in
                try session.execute("INSERT INTO a VALUES (1)")
                try session.withConnection(as: SQLiteConnection.self) { $0.close() }
                try session.execute("INSERT INTO a VALUES (2)")
            }
        }
        #expect(first?.code == .connectionLost)
        // Another connection would have an empty database, in which a scope that is run again would find nothing.
        for _ in 0..<2 {
            let later = await #expect(throws: DatabaseError.self) { try await database.query("SELECT * FROM a") }
            #expect(later?.code == .connectionLost)
            #expect(later?.isTransient == false)
        }
        await database.close()
    }
}
