// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CLibPQ

/// A connection to a PostgreSQL server.
///
/// Applications meet it in a scope, as the way to what only PostgreSQL has; see ``withNativeHandle(_:)``.
public final class PostgreSQLConnection: Connection {
    let link: Link

    /// How long the server lets the connection be silent, its `idle_session_timeout` on connect; nil if it never ends
    /// it for that, or does not tell.
    public private(set) var silenceLimit: Duration?

    /// After what time the server stops each statement of the transactions that begin from now on; nil leaves it to the
    /// session's `statement_timeout`.
    public var statementLimit: Duration?

    /// True if transactions are serializable that ask for no isolation, as the server said on connect.
    private(set) var isSerializable = false

    /// The server that the connection was opened to, or that a pooler in between has led to since; nil if it does not
    /// tell.
    var server: ServerIdentity?
    /// The id of the server's process that told it.
    var serverProcess: Int32?

    /// Takes a link over that has just been opened, and sets the session up.
    ///
    /// - Parameter deadline: By when the server must have answered.
    init(_ link: Link, pooler: Pooler, until deadline: ContinuousClock.Instant) throws(DatabaseError) {
        self.link = link
        link.deadline = deadline
        defer { link.deadline = nil }
        try requireSettings()
        let process = try askAboutServer()
        let announced = PQbackendPID(try link.open())
        link.sharesServer = pooler.sharesServer(announced: announced, actual: process?.id)
        // A process that a pooler may give to somebody else is none to end.
        if process?.id == announced { link.interrupter.process = process }
        if link.sharesServer { silenceLimit = nil }
    }

    /// Asks the server to cancel, or wakes the lane.
    public var interrupter: any Interrupter { link.interrupter }

    /// Whether libpq believes that the connection is good.
    public var isUsable: Bool { link.isUsable }

    /// What the server said last about the transaction.
    public var transactionState: ServerTransactionState { link.transactionState }

    /// Prepares a statement on the server, in one round trip, unless there is a pooler in between; see ``Pooler``.
    ///
    /// - Throws: ``DatabaseError``; `parameterCount` if there are more or fewer placeholders than types; `unsupported` for
    ///   what a pooler can't carry.
    public func prepare(
        _ text: String,
        parameterTypes: [ValueType]
    ) throws(DatabaseError) -> any PreparedStatement {
        try requireCarried(text)
        try freeStatements(keeping: 15)
        return try PostgreSQLStatement(text, parameterTypes, link)
    }

    /// Executes any number of statements without parameters. Outside of a transaction they are one.
    ///
    /// - Returns: The number of rows that were inserted, updated and deleted.
    /// - Throws: ``DatabaseError``; `unsupported` for COPY, after the rest of the script was executed, and for what a pooler
    ///   in between can't carry, before.
    public func executeScript(_ text: String) throws(DatabaseError) -> Int {
        guard !text.utf8.contains(0) else { throw DatabaseError(.invalidParameter, "the script contains U+0000") }
        try requireCarried(text)
        defer {
            if SessionDemand(of: text).changesPath {
                link.names.pathChanged(inTransaction: link.transactionState != .none)
            }
        }
        return try link.run(text).affectedRows
    }

    /// Asks for a sign of life with a bare Sync message, for which the server does nothing but answer.
    public func ping() throws(DatabaseError) {
        try link.pipeline({ handle in PQpipelineSync(handle) })
    }

    /// Looks at what has arrived, without a round trip. Notifications that nobody fetched are dropped.
    public func probe() -> Bool { link.looksAlive() }

    /// Closes the connection.
    public func close() { link.close() }

    /// Lends libpq's connection, a `PGconn *`, for what only PostgreSQL has: COPY, LISTEN, large objects.
    ///
    /// The connection is in libpq's non-blocking mode. It must be left as it was found: idle, all results fetched and
    /// cleared, its notice receiver in place. While a function of libpq waits, the interrupter can't wake it.
    ///
    /// Behind a pooler that gives each transaction another session of the server, it is lent in transactions only, and what
    /// is done must end with them: COPY does, LISTEN does not.
    ///
    /// - Throws: What the closure throws; ``DatabaseError`` with `connectionLost` if the connection is closed, `unsupported`
    ///   behind such a pooler outside of a transaction.
    public func withNativeHandle<Result>(_ body: (OpaquePointer) throws -> Result) throws -> Result {
        let handle = try link.open()
        guard !link.sharesServer || transactionState != .none else {
            throw Self.notCarried("what is done outside of transactions with libpq's connection")
        }
        return try body(handle)
    }
}

// MARK: - Settings

extension PostgreSQLConnection {
    /// Makes sure of what the driver relies on. The server reports these settings, so asking costs nothing.
    ///
    /// Only where a role, a database or an environment variable (PGDATESTYLE, which libpq offers no way around) says
    /// otherwise is there anything to do.
    private func requireSettings() throws(DatabaseError) {
        let handle = try link.open()
        func reported(_ name: String) -> String? { PQparameterStatus(handle, name).map { String(cString: $0) } }
        guard link.speaksUTF8 else {
            throw DatabaseError(
                .unsupported,
                "the server does not speak UTF-8 with clients, but \(reported("client_encoding") ?? "nothing known")",
                isConnectionUsable: false
            )
        }
        if reported("DateStyle")?.hasPrefix("ISO") == false { try link.run("SET DateStyle TO ISO") }
        if reported("standard_conforming_strings") == "off" { try link.run("SET standard_conforming_strings TO on") }
    }

    /// Asks for the `idle_session_timeout` and the `default_transaction_isolation`, which the server does not report by itself, and
    /// who it is.
    ///
    /// Servers before version 14 have no such timeout. Those that are not quite PostgreSQL don't say who they are, and
    /// others may have been forbidden to; they are asked for less.
    ///
    /// - Returns: The server's process, if it tells.
    /// - Throws: `connectionLost`.
    private func askAboutServer() throws(DatabaseError) -> ServerProcess? {
        let questions = [
            "\(Self.settings), \(ServerProcess.columns), \(ServerIdentity.columns) \(ServerIdentity.source)",
            "\(Self.settings), \(ServerProcess.columns)",
            Self.settings,
        ]
        for question in questions {
            do throws(DatabaseError) {
                var process: ServerProcess?
                try ask("SELECT \(question)") { answer in
                    silenceLimit = Self.limit(answer.firstCell)
                    isSerializable = answer.cell(1) == "serializable"
                    process = ServerProcess(answer, from: 2)
                    serverProcess = process?.id
                    server = ServerIdentity(answer, from: 4)
                }
                return process
            } catch  where isUsable && error.isConnectionUsable {
                continue
            }
        }
        return nil
    }

    private static func limit(_ seconds: String?) -> Duration? {
        guard let seconds = seconds.flatMap(Double.init), let milliseconds = Int64(exactly: (seconds * 1000).rounded()),
            milliseconds > 0
        else { return nil }
        return .milliseconds(milliseconds)
    }

    // In seconds, whatever the unit in which the setting shows itself: `90s`, `2h`, `1100ms`. The view of all settings
    // has it as a number, and takes ten times as long.
    private static let settings = """
        pg_catalog.date_part('epoch', \
        pg_catalog.current_setting('idle_session_timeout', true)::pg_catalog.interval), \
        pg_catalog.current_setting('default_transaction_isolation')
        """

    /// Asks a question without parameters, in one round trip.
    func ask(_ question: String, _ take: (borrowing Answer) -> Void) throws(DatabaseError) {
        try link.pipeline(
            { handle in
                let isQueued = PQsendQueryParams(handle, question, 0, nil, nil, nil, nil, 0) == 1
                return isQueued ? PQpipelineSync(handle) : 0
            },
            take: take
        )
    }
}

// MARK: - Leaving no trace

extension PostgreSQLConnection {
    /// Puts the session back to what it was after connecting, but for the statements that this driver has prepared.
    ///
    /// It does what `DISCARD ALL` does, which would free those as well. What a user has prepared by SQL is freed, and
    /// then the driver's go with it; only what was prepared inside of a function goes unseen.
    ///
    /// Where a pooler gives each transaction another session there is nothing of ours to put back, and it would be put back
    /// in somebody else's.
    ///
    /// - Returns: Whether prepared statements survived.
    public func reset() throws(DatabaseError) -> Bool {
        try rollback()
        guard !link.sharesServer else {
            link.dropNotifications(try link.open())
            return true
        }
        let survive = !link.names.hasForeign
        try link.run(survive ? Self.resetting : "\(Self.resetting); DEALLOCATE ALL")
        link.names.pathIsReset()
        link.dropNotifications(try link.open())
        try requireSettings()
        try freeStatements(keeping: 0)
        return survive
    }

    // One implicit transaction, so all of it happens or none.
    private static let resetting = """
        CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *; SELECT pg_advisory_unlock_all(); \
        DISCARD TEMP; DISCARD SEQUENCES
        """

    /// Frees statements that are not used any more, once there are so many of them that a round trip is worth it.
    ///
    /// Only outside of a transaction: libpq before version 17 can free them by SQL only, which fails for a statement
    /// that somebody else freed, and then the transaction would fail with it.
    func freeStatements(keeping limit: Int) throws(DatabaseError) {
        let names = link.names.discarded
        guard names.count > limit, transactionState == .none else { return }
        link.names.forgetDiscarded()
        do throws(DatabaseError) {
            // Each with a Sync of its own: after a failure the server skips what follows up to the next.
            try link.pipeline(
                syncs: names.count,
                { handle in
                    for name in names {
                        guard mainstay_close_prepared(handle, name, "DEALLOCATE \(name)") == 1,
                            PQpipelineSync(handle) == 1
                        else { return 0 }
                    }
                    return 1
                }
            )
        } catch  where isUsable {
            // Already freed is fine as well.
        }
    }
}
