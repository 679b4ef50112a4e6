// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Why the attempts at a scope failed that were made so far.
struct EarlierFailures: Sendable {
    /// How many of the first, and how many of the last, are kept: a hot row may cost thousands.
    private static let limit = 8

    private var first: [DatabaseError] = []
    private var last: [DatabaseError] = []

    /// How many attempts failed.
    private(set) var count = 0
    /// How many of them failed by a conflict with another transaction.
    private(set) var conflicts = 0
    /// When the first conflict was met; nil if there was none.
    private(set) var firstConflict: Duration?

    /// The first failures and the last ones, in order.
    var kept: [DatabaseError] { first + last }

    /// The same without the last one, for an error that is the last one.
    var withoutLatest: [DatabaseError] { Array(kept.dropLast()) }

    /// Why the last attempt failed.
    var latest: DatabaseError? { last.last ?? first.last }

    mutating func append(_ failure: DatabaseError, now: Duration) {
        count += 1
        if failure.isConflict {
            conflicts += 1
            if firstConflict == nil { firstConflict = now }
        }
        if first.count < Self.limit {
            first.append(failure)
        } else {
            if last.count == Self.limit { last.removeFirst() }
            last.append(failure)
        }
    }
}
