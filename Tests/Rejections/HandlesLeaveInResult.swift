// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

// rejected: does not conform to the 'Sendable' protocol
// Nor can a struct that holds one.

import MainstayRecords

struct Page<R: Record> {
    let rows: [Tracked<R>]
}

func page<R: Record>(_ database: Database, _ type: R.Type) async throws -> Page<R> {
    try await database.read { session in
        Page(rows: try session.query(type).all())
    }
}
