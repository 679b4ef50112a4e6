// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CMariaDB

extension MariaDBConnection {
    /// Ends another connection to the server, of which that may not know yet that its client is gone.
    ///
    /// Connections are numbered anew when the server starts; so none is ended if it started after the other connection
    /// was opened, which has ended with it.
    public func terminate(_ other: any Interrupter) throws(DatabaseError) {
        guard let other = other as? MariaDBInterrupter else { return }
        try terminate(other, age: ContinuousClock.now - other.openedAt)
    }

    /// - Parameter age: How long ago the other connection was opened.
    func terminate(_ other: MariaDBInterrupter, age: Duration) throws(DatabaseError) {
        guard let uptime = try number("SHOW GLOBAL STATUS LIKE 'Uptime'", column: 1), age < .seconds(uptime + 1) else {
            return
        }
        do throws(DatabaseError) {
            try execute("KILL CONNECTION \(other.connectionID)")
        } catch  where error.nativeCode?.number == 1094 {
            // Gone already.
        }
    }

    /// The number in a column of a statement's first row.
    func number(_ text: String, column: Int) throws(DatabaseError) -> Int? {
        try execute(text)
        guard let result = mysql_store_result(handle) else { throw failureOfExecution(ErrorReport(handle)) }
        defer { mysql_free_result(result) }
        guard column < Int(mysql_num_fields(result)) else { return nil }
        return mysql_fetch_row(result).flatMap { $0[column] }.flatMap { Int(String(cString: $0)) }
    }
}
