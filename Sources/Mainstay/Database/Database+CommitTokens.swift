// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation

extension Database {
    /// Makes the table of ``CommitResolution/byToken(in:)``, if it is not there. Its name may belong to a schema of the
    /// connection's.
    ///
    /// - Throws: `misuse` if commits are resolved otherwise; ``DatabaseError``.
    public func createCommitTable() async throws {
        let table = try commitTable()
        try await execute(CommitToken.creation(of: table))
    }

    /// Removes the rows of commits that nobody asks for any more: from time to time, as once a day.
    ///
    /// - Parameter age: How old a row must be; an hour at least, so that none is removed which a transaction that was lost
    ///   is still looking for.
    /// - Throws: `misuse` if commits are resolved otherwise; ``DatabaseError``.
    public func removeCommitTokens(olderThan age: Duration = .seconds(24 * 3600)) async throws {
        let table = try commitTable()
        let seconds = max(age, .seconds(3600)).components.seconds
        try await execute(
            CommitToken.removal(from: table, madeBefore: Int64(Date().timeIntervalSince1970) - seconds)
        )
    }

    private func commitTable() throws(DatabaseError) -> String {
        guard case .byToken(let table) = configuration.commitResolution.method else {
            throw DatabaseError(
                .misuse,
                "there is no table of commits",
                hint: "set DatabaseConfiguration.commitResolution to .byToken()"
            )
        }
        return table
    }
}
