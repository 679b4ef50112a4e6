// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

// rejected: Sendable
// A query belongs to its session and can't leave the scope.

import Mainstay

func leak(_ database: Database) async throws -> Query<Int> {
    try await database.read { session in
        session.query("SELECT 1", as: Int.self)
    }
}
