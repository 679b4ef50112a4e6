// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CMariaDB

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

extension MariaDBConnection {
    /// Asks the server for a sign of life.
    public func ping() throws(DatabaseError) {
        try requireOpen()
        guard mysql_ping(handle) == 0 else { throw failure(ErrorReport(handle)) }
    }

    /// Looks at the socket without a round trip.
    ///
    /// - Returns: False if the connection is known to be dead, or if something arrived: a server that was not asked has
    ///   nothing to say but goodbye.
    public func probe() -> Bool {
        guard isUsable else { return false }
        var descriptor = pollfd(fd: mysql_get_socket(handle), events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) == 0
    }

    /// Puts session settings, temporary tables, locks and the default database back to what they were after connecting.
    ///
    /// - Returns: False: prepared statements are gone.
    /// - Throws: ``DatabaseError``, also if the session left its database for another one and the configuration names
    ///   none to return to.
    public func reset() throws(DatabaseError) -> Bool {
        try requireOpen()
        guard mysql_reset_connection(handle) == 0 else { throw failure(ErrorReport(handle)) }
        limitInForce = nil
        isLimitedToReading = false
        try setUpAgain()
        try returnToDatabase()
        return false
    }

    /// Has the session what it has after connecting. What the server gives new sessions may have changed since.
    private func setUpAgain() throws(DatabaseError) {
        guard let known = serverIsolation else {
            return try execute(isTracked ? SessionSetup.trackingStatement : SessionSetup.statement)
        }
        try execute(SessionSetup.tellingStatements[known.detectsConflicts == nil ? 1 : 0])
        let facts = SessionFacts(handle)
        (serverIsolation, isolation) = (facts.isolation, facts.isolation)
    }

    /// The reset leaves the default database as it is. The library knows it, for the server tells it of each change.
    private func returnToDatabase() throws(DatabaseError) {
        let current = handle.pointee.db.map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
        guard current != configuration.server.database else { return }
        guard let database = configuration.server.database else {
            throw lost("the session can't return to having no database")
        }
        guard mysql_select_db(handle, database) == 0 else { throw failureOfExecution(ErrorReport(handle)) }
    }
}
