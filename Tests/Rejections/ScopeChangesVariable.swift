// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

// rejected: mutation of captured var
// A scope may run again, so it can't change a variable outside of itself.

import Mainstay

func count(_ database: Database) async throws -> Int {
    var runs = 0
    try await database.write { session in
        runs += 1
        try session.execute("DELETE FROM users")
    }
    return runs
}
