// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What every session begins with, after connecting and after a reset.
enum SessionSetup {
    /// One statement, and so one round trip.
    ///
    /// - Text travels as `utf8mb4`, also where the server's own character set is another one.
    /// - Instants are in UTC.
    /// - Whatever would have to be changed to fit is refused. The list is ours as a whole, so that neither
    ///   `ANSI_QUOTES` nor `NO_BACKSLASH_ESCAPES` of a server's configuration changes what a statement means.
    /// - Messages are in English, for constraints are named in nothing but the message.
    static let statement = "SET \(assignments)"

    /// The same, by which the server also tells the session's `wait_timeout` in its answer: it tells of each variable
    /// that is assigned and tracked, also if its value stays the same.
    ///
    /// First the list of what is tracked is made longer by one, for the server forgets then what was assigned before.
    static let tellingStatement = """
        SET session_track_system_variables = \
        CONCAT_WS(',', NULLIF(@@session_track_system_variables, ''), 'wait_timeout'), \
        \(assignments), wait_timeout = @@wait_timeout
        """

    private static let assignments = """
        NAMES utf8mb4, autocommit = 1, time_zone = '+00:00', lc_messages = 'en_US', \
        sql_mode = 'STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,\
        ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'
        """
}
