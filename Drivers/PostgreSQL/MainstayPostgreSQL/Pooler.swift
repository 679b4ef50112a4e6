// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Whether there is a pooler between a connection and the server, such as pgbouncer, and how long it leaves the connection
/// one and the same session of the server.
public struct Pooler: Sendable, Hashable {
    let word: Word

    init(_ word: Word) {
        self.word = word
    }

    /// It is noticed on connect, without a round trip: the server's process has another number than the pooler gave. Which
    /// mode it is in can't be noticed, so that ``transaction`` is assumed.
    public static let auto = Self(.auto)
    /// There is none.
    ///
    /// For a pooler that keeps prepared statements apart by itself as well.
    public static let none = Self(.none)
    /// There is one that leaves a connection its session for as long as it lives.
    public static let session = Self(.session)
    /// There is one that gives each transaction whichever session is free.
    ///
    /// Statements are not prepared, and what would outlive a transaction in the session is refused.
    public static let transaction = Self(.transaction)

    enum Word: String, CaseIterable {
        case auto, none, session, transaction
    }
}

extension Pooler {
    /// Whether each transaction may have another session of the server. What is not known counts as the worst.
    ///
    /// - Parameters:
    ///   - announced: The number of the server's process, by what answered the connection.
    ///   - actual: The same by the server itself; nil if it does not tell.
    func sharesServer(announced: Int32, actual: Int32?) -> Bool {
        switch word {
        case .auto: announced != actual
        case .none, .session: false
        case .transaction: true
        }
    }
}
