// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What a database can do that others can't.
///
/// Code that runs on several databases asks for a capability and never for a driver's name.
public struct Capabilities: OptionSet, Sendable, Hashable {
    /// The set's bits.
    public let rawValue: UInt32

    /// Creates a set from its bits.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// `INSERT … RETURNING`.
    public static let insertReturning = Self(rawValue: 1 << 0)
    /// `UPDATE … RETURNING`.
    public static let updateReturning = Self(rawValue: 1 << 1)
    /// `DELETE … RETURNING`.
    public static let deleteReturning = Self(rawValue: 1 << 2)
    /// DDL is part of the transaction instead of committing it.
    public static let transactionalDDL = Self(rawValue: 1 << 3)
    /// Any failed statement fails the whole transaction until it is rolled back.
    public static let errorFailsTransaction = Self(rawValue: 1 << 4)
    /// Constraints can be deferred to COMMIT.
    public static let deferredConstraints = Self(rawValue: 1 << 5)
    /// Several transactions may write at the same time.
    public static let concurrentWriters = Self(rawValue: 1 << 6)
    /// Columns hold unsigned integers of 64 bits.
    public static let unsignedIntegers = Self(rawValue: 1 << 7)
    /// Columns hold arrays.
    public static let arrays = Self(rawValue: 1 << 8)
    /// Text may contain U+0000.
    public static let zeroInText = Self(rawValue: 1 << 9)
    /// Floating-point columns hold infinities.
    public static let infinity = Self(rawValue: 1 << 10)
    /// Floating-point columns hold NaN.
    public static let notANumber = Self(rawValue: 1 << 11)
    /// A statement's completion reports the key that was generated.
    public static let generatedKeys = Self(rawValue: 1 << 12)
    /// Transactions of different isolation levels behave differently.
    public static let isolationLevels = Self(rawValue: 1 << 13)
    /// Columns have a type that is enforced (SQLite's are a preference).
    public static let strictColumnTypes = Self(rawValue: 1 << 14)
    /// The database is a server: there is a network, authentication, and sessions that can be killed.
    public static let server = Self(rawValue: 1 << 15)
    /// Columns tell timestamps with a zone from those without.
    public static let zonedTimestamps = Self(rawValue: 1 << 16)
    /// The server can tell later what became of a transaction whose COMMIT it did not answer; see ``TransactionReceipt``.
    public static let commitOutcomes = Self(rawValue: 1 << 17)
    /// The server stops a statement by itself after ``Connection/statementLimit``.
    public static let statementLimits = Self(rawValue: 1 << 18)
    /// There is a way to insert many rows that is faster than statements: ``Connection/load(_:)``.
    public static let rowLoading = Self(rawValue: 1 << 19)
    /// A transaction at ``IsolationLevel/snapshot`` sees one moment, and changes no row that others changed since.
    public static let snapshotIsolation = Self(rawValue: 1 << 20)
    /// A UUID is stored as text or as bytes, whatever its column is declared to hold, and results tell which: ``Column/isBytes``.
    public static let byteColumns = Self(rawValue: 1 << 21)
}
