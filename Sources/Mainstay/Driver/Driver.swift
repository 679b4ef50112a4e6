// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Opens connections to one kind of database.
///
/// A driver is a value that knows where the server or file is, what its SQL looks like and what its error codes mean.
/// Threads, waiting, retrying, keeping alive and counting are the core's.
public protocol Driver: Sendable {
    /// The database's name, as in `PostgreSQL`; it appears in errors, logs and metrics.
    var name: String { get }

    /// What the database's SQL looks like and what it can do.
    var dialect: Dialect { get }

    /// Which connections a pool may hold.
    var topology: Topology { get }

    /// Where the database is, without secrets, for logs: `127.0.0.1:5432/shop` or a file's path.
    var location: String { get }

    /// Opens a connection. Called on the connection's lane; may block until the request's timeout.
    ///
    /// - Throws: ``DatabaseError`` whose `isTransient` tells whether trying again makes sense: a refused connection does,
    ///   a wrong password does not.
    func connect(_ request: ConnectRequest) throws(DatabaseError) -> any Connection
}
