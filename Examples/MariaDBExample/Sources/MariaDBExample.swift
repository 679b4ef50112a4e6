// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayMariaDB

/// Keeps books in MariaDB: `swift run MariaDBExample mariadb://user@host/database`
@main
struct MariaDBExample {
    struct Book: Decodable {
        let title: String
        let published: LocalDate?
        let serial: UInt64
    }

    static func main() async throws {
        guard CommandLine.arguments.count == 2 else {
            return print("usage: MariaDBExample mariadb://user@host/database")
        }
        let database = try Database(CommandLine.arguments[1], drivers: [.mariaDB])
        try await database.execute("DROP TABLE IF EXISTS example_books")
        try await database.execute(
            """
            CREATE TABLE example_books (
                id \(type: .generatedKey),
                title \(type: .varchar(100)) NOT NULL UNIQUE,
                published \(type: .date),
                serial \(type: .uint64) NOT NULL
            )
            """
        )

        // A transaction. Should the connection be lost before the end, it is run again from the top on another one.
        let refusal = try await database.write { session -> String? in
            try session.execute(
                """
                INSERT INTO example_books (title, published, serial)
                VALUES (\("Emma"), \(LocalDate("1815-12-23")), \(UInt64.max)), (\("Beowulf"), \(nil as LocalDate?), \(1 as UInt64))
                """
            )
            do {
                // A part of it that is undone on its own.
                try session.withSavepoint {
                    try session.execute("DELETE FROM example_books WHERE title = \("Beowulf")")
                    try session.execute("INSERT INTO example_books (title, serial) VALUES (\("Emma"), \(2 as UInt64))")
                }
                return nil
            } catch let error as DatabaseError where error.code == .uniqueViolation {
                return error.message
            }
        }
        print("A second Emma was refused: \(refusal ?? "no")")

        let keys = try await database.query("SELECT id, title FROM example_books ORDER BY id", as: (Int, String).self)
        for (id, title) in keys {
            print("\(id): \(title)")
        }
        let books = try await database.query("SELECT * FROM example_books ORDER BY title", decoding: Book.self)
        for book in books {
            print("\(book.title), \(book.published?.description ?? "nobody knows when"), number \(book.serial)")
        }

        try await database.execute("DROP TABLE example_books")
        await database.close()
    }
}
