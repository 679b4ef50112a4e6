// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// How to find out what became of a transaction whose COMMIT was sent and not answered, since the connection was lost.
///
/// The client can't tell a COMMIT that never arrived from one whose answer was lost. Repeating it may do the work twice, and
/// not repeating it may lose it; so it is found out. What can't be found out is thrown as `commitOutcomeUnknown`, which no
/// retry policy repeats.
public struct CommitResolution: Sendable, Hashable {
    enum Method: Sendable, Hashable {
        case never
        case byServer
        case byToken(table: String)
    }

    let method: Method

    /// How long to try, from the moment when the connection was found lost; a scope's own timeout may end it earlier. The
    /// server may have to start first. By default 30 s.
    public var timeout = Duration.seconds(30)

    /// It is not found out.
    public static let never = Self(method: .never)

    /// The server is asked, where it keeps a record of transactions (PostgreSQL); elsewhere it is not found out. The default.
    ///
    /// On PostgreSQL it costs no round trip where the first writing statement returns no rows: the transaction's number is asked
    /// for together with it. Else it is asked for before COMMIT. A new connection then asks what became of that number.
    /// That holds within one cluster and timeline: after a failover to a standby it is not known.
    public static let byServer = Self(method: .byServer)

    /// Each transaction that writes inserts a row into a table before COMMIT; if the row is there afterwards, it was committed.
    ///
    /// It works on every database, also after a failover, and costs a statement for each transaction that may write.
    /// ``Database/createCommitTable()`` makes the table; rows stay there until ``Database/removeCommitTokens(olderThan:)``.
    ///
    /// - Parameter table: The table's name.
    public static func byToken(in table: String = "mainstay_commits") -> Self {
        Self(method: .byToken(table: table))
    }
}
