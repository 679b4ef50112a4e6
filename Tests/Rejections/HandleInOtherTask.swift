// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

// rejected: data race
// A handle can't be handed to a task that runs elsewhere.

import MainstayRecords

func race<R: Record>(_ database: Database, _ type: R.Type) async throws {
    try await database.read { session in
        let handle = try session.query(type).one()
        let task = Task.detached { handle.value }
        _ = handle.value
        _ = await task.value
    }
}
