// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What statements did to the transaction and to the session, by the word of the server or of the C library.
public struct SessionTrace: OptionSet, Sendable, Hashable {
    /// The set's bits.
    public let rawValue: UInt8

    /// Creates a set from its bits.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The transaction that was open has ended. Another one may have begun since.
    public static let endedTransaction = Self(rawValue: 1 << 0)
    /// Something was committed, or may have been.
    public static let committed = Self(rawValue: 1 << 1)
    /// The session may hold something that the next lease must not find: settings, temporary tables, locks.
    public static let touchedSession = Self(rawValue: 1 << 2)
    /// The server did not tell all, as with an error or none at all: a statement that may have committed counts as if it had.
    public static let isIncomplete = Self(rawValue: 1 << 3)
}
