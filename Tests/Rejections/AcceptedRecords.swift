// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

// The control of the handles: what a scope allows compiles.

import MainstayRecords

func accepted<R: Record>(_ database: Database, _ type: R.Type, _ record: R) async throws -> [R] {
    try await database.write { session in
        let handle = try session.add(record)
        try session.withSavepoint { try session.flush() }
        let handles = try session.query(type).all()
        return handles.map(\.value) + [handle.value]
    }
}
