// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

// rejected: Sendable
// Rows that are being fetched can't leave the scope.

import Mainstay

func leak(_ database: Database) async throws -> Rows<Row> {
    try await database.read { session in
        try session.query("SELECT 1").rows()
    }
}
