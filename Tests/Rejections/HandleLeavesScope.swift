// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

// rejected: a handle stays in the scope of its session
// A handle belongs to its session and can't leave the scope; its value can.

import MainstayRecords

func leak<R: Record>(_ database: Database, _ type: R.Type) async throws -> Tracked<R>? {
    try await database.read { session in
        try session.query(type).first()
    }
}
