// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

// rejected: data race
// A query can't be handed to a task that runs elsewhere.

import Mainstay

func race(_ database: Database) async throws {
    try await database.read { session in
        let query = session.query("SELECT 1", as: Int.self)
        let task = Task.detached { try query.all() }
        _ = try query.all()
        _ = try await task.value
    }
}
