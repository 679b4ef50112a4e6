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

    /// The same, for a server that tracks what statements do to the transaction and to the session, and tells it with its answers.
    static let trackingStatement = "SET \(tracking), \(assignments)"

    private static let tracking = "session_track_state_change = ON, session_track_transaction_info = 'CHARACTERISTICS'"

    /// The same, by which the server also tells of the session's ``SessionFacts`` in its answer: it tells of each variable
    /// that is assigned and tracked, also if its value stays the same. The first one asks for more than older servers know.
    static let tellingStatements = [
        telling(["wait_timeout", "tx_isolation", "innodb_snapshot_isolation"]),
        telling(["wait_timeout", "tx_isolation"]),
    ]

    /// First the list of what is tracked is made longer, for the server forgets then what was assigned before.
    private static func telling(_ variables: [String]) -> String {
        let names = variables.joined(separator: ",")
        let same = variables.map { "\($0) = @@\($0)" }.joined(separator: ", ")
        return """
            SET session_track_system_variables = \
            CONCAT_WS(',', NULLIF(@@session_track_system_variables, ''), '\(names)'), \(tracking), \
            \(assignments), \(same)
            """
    }

    private static let assignments = """
        NAMES utf8mb4, autocommit = 1, time_zone = '+00:00', lc_messages = 'en_US', \
        sql_mode = 'STRICT_TRANS_TABLES,STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,\
        ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'
        """
}
