// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Mainstay
import MainstayTesting
import Testing

/// The README's code, compiled and run.
@Suite struct ReadmeTests {
    @Test(arguments: Backends.all.map(NamedBackend.init))
    fileprivate func `the example runs`(_ named: NamedBackend) async throws {
        try await named.backend.withDatabase(DatabaseConfiguration()) { database in
            try await database.write { session in
                try session.execute(
                    "CREATE TABLE accounts (name \(type: .varchar(50)) PRIMARY KEY, cents \(type: .int64))"
                )
                try session.execute(each: ["alice", "bob"]) {
                    "INSERT INTO accounts (name, cents) VALUES (\($0), \(10_000))"
                }
            }

            let left = try await database.write { session in
                try session.execute("UPDATE accounts SET cents = cents - \(250) WHERE name = \("alice")")
                try session.execute("UPDATE accounts SET cents = cents + \(250) WHERE name = \("bob")")
                return try session.query("SELECT cents FROM accounts WHERE name = \("alice")", as: Int.self).one()
            }
            print("alice has \(left) cents left")

            for (name, cents) in try await database.query("SELECT name, cents FROM accounts", as: (String, Int).self) {
                print(name, cents)
            }
            #expect(left == 9_750)
            #expect(try await database.query("SELECT sum(cents) FROM accounts", as: Int.self) == [20_000])
        }
    }

    @Test func `the README has the code that is run here`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        let readme = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
        let source = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
        let block = try #require(readme.components(separatedBy: "```").first { $0.contains("await database.close()") })
        // The formatter breaks lines elsewhere where they are indented, so white space does not count.
        let code = squeezed(block)
        let body = try #require(code.firstRange(of: "tryawaitdatabase.write"))
        let example = code[body.lowerBound...].replacing("awaitdatabase.close()", with: "")
        #expect(example.count > 500)
        #expect(squeezed(source).contains(example))
    }

    private func squeezed(_ text: String) -> String {
        text.filter { !$0.isWhitespace }
    }
}

private struct NamedBackend: CustomTestStringConvertible {
    let backend: any ConformanceBackend

    var testDescription: String { "README on \(backend.name)" }
}
