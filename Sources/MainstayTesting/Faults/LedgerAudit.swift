// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import Mainstay

/// What a ledger's callers were told, held against what is in the database.
public struct LedgerAudit: Sendable, Hashable {
    /// How many transfers were tried.
    public var transfers: Int
    /// How many were reported as done.
    public var done = 0
    /// How many were reported as failed, by what the error said.
    public var failures: [DatabaseError.Code: Int] = [:]
    /// How many were reported as unknown, and were done.
    public var unknownDone = 0
    /// How many were reported as unknown, and were not done.
    public var unknownUndone = 0

    /// Whether each account has what the transfers in the database say.
    public var isBalanced = false
    /// How many were reported as done and are not there.
    public var lost = 0
    /// How many were reported as failed and are there.
    public var doneThoughFailed = 0
    /// How many are there of which nobody was told anything.
    public var unreported = 0
    /// Errors that are none of the library's.
    public var surprises: [String] = []

    /// How many were reported as unknown.
    public var unknown: Int { unknownDone + unknownUndone }

    /// Whether nothing was lost and nothing was done that was not to be.
    public var isTrue: Bool {
        isBalanced && lost == 0 && doneThoughFailed == 0 && unreported == 0 && surprises.isEmpty
    }
}

extension LedgerAudit: CustomStringConvertible {
    /// One line.
    public var description: String {
        let failures = failures.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" }
        return """
            \(transfers) transfers: \(done) done, \(failures.joined(separator: ", ")), \
            unknown \(unknown) (\(unknownDone) done); \(isBalanced ? "balanced" : "NOT BALANCED"), \(lost) lost, \
            \(doneThoughFailed) done though failed, \(unreported) unreported \(surprises.joined(separator: "; "))
            """
    }
}
