// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

// The control: what a scope allows compiles, so the others are rejected for their reasons and not for their imports.

import Mainstay

func accepted(_ database: Database) async throws -> (Int, [Row]) {
    try await database.write { session in
        var seen = 0
        for try await id in session.query("SELECT id FROM users", as: Int.self) { seen += id }
        try session.withSavepoint { try session.execute("DELETE FROM users WHERE id = \(seen)") }
        let names = { (id: Int) in try session.query("SELECT name FROM users WHERE id = \(id)", as: String.self).all() }
        _ = try names(7)
        return (seen, try session.query("SELECT * FROM users").all())
    }
}
