// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

// rejected: mutation of captured var 'kept'
// A handle can't be kept in a variable outside of the scope.

import MainstayRecords

func keep<R: Record>(_ database: Database, _ type: R.Type) async throws {
    var kept: Tracked<R>?
    try await database.read { session in
        kept = try session.query(type).first()
    }
    _ = kept
}
