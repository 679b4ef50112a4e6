// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayMariaDB

/// Books with unique titles, in a MariaDB database whose URL is the argument.
@main
struct Main {
    struct Book: Decodable, Sendable {
        var id: Int
        var title: String
        var year: Int?
    }

    static func main() async throws {
        guard let url = CommandLine.arguments.dropFirst().first else {
            print("usage: MariaDBExample URL")
            return
        }
        let database = try Database(url, drivers: [.mariaDB])

        try await database.write { session in
            try session.executeScript("DROP TABLE IF EXISTS books")
            try session.execute(
                "CREATE TABLE books (id \(type: .generatedKey), title \(type: .varchar(100)) UNIQUE, year \(type: .int32))"
            )
            try session.execute(each: [("Emma", 1815), ("Ulysses", 1922)]) {
                "INSERT INTO books (title, year) VALUES (\($0.0), \($0.1))"
            }
            // What fails in a savepoint is undone alone, on every database.
            do {
                try session.withSavepoint {
                    try session.execute("INSERT INTO books (title) VALUES (\("Dubliners"))")
                    try session.execute("INSERT INTO books (title) VALUES (\("Emma"))")
                }
            } catch let error as DatabaseError where error.code == .uniqueViolation {
                print("Emma is there already")
            }
        }

        for (title, year) in try await database.query("SELECT title, year FROM books", as: (String, Int?).self) {
            print(title, year ?? 0)
        }
        let old = try await database.read { session in
            try session.query("SELECT * FROM books WHERE year < \(1900)", decoding: Book.self).one()
        }
        print("the old one: \(old.title)")

        try await database.execute("DROP TABLE books")
        await database.close()
    }
}
