// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import CMariaDB

/// A connection to a MariaDB server.
///
/// An application meets it where it asks a session for what only MariaDB has; see ``withNativeHandle(_:)``.
public final class MariaDBConnection: Connection {
    let handle: UnsafeMutablePointer<MYSQL>
    let configuration: MariaDBConfiguration
    let interruption: MariaDBInterrupter
    /// How long the server lets the connection be silent, the session's `wait_timeout` on connect; nil if it does not
    /// tell.
    public let silenceLimit: Duration?
    /// The isolation that the server gave the session, and the one that it has now; nil if the server does not tell.
    var (serverIsolation, isolation): (SessionIsolation?, SessionIsolation?)
    private(set) var isClosed = false
    /// Whether the server or the protocol has ended it although the library has not seen the socket close.
    var isBroken = false
    /// After what time the server stops a statement, from the next transaction or statement outside of one on.
    public var statementLimit: Duration?
    /// The limit that the session has now.
    var limitInForce: Duration?
    /// Whether the transaction that is open, or was last, was begun READ ONLY.
    var wasBegunReadOnly = false
    /// Whether the session's transactions only read, unless they are begun otherwise.
    var isLimitedToReading = false
    /// Whether the server tells with its answers what statements did to the transaction and to the session.
    let isTracked: Bool
    /// What it has told since it was last asked for.
    var trace: SessionTrace = []
    /// The server's `max_allowed_packet`, once it was asked for.
    var packetLimit: Int?

    /// Takes a connection over whose session is set up.
    init(
        _ handle: UnsafeMutablePointer<MYSQL>,
        _ facts: SessionFacts,
        _ configuration: MariaDBConfiguration
    ) throws(DatabaseError) {
        self.handle = handle
        silenceLimit = facts.silenceLimit
        (serverIsolation, isolation) = (facts.isolation, facts.isolation)
        self.configuration = configuration
        isTracked = Self.isTracking(handle)
        do throws(DatabaseError) {
            interruption = try MariaDBInterrupter(handle, configuration)
        } catch {
            mysql_close(handle)
            throw error
        }
    }

    deinit {
        close()
    }

    /// A handle with which another thread interrupts what this connection is doing.
    public var interrupter: any Interrupter { interruption }

    /// Whether the connection can still be used. No round trip.
    public var isUsable: Bool {
        // The library closes the socket as soon as reading or writing fails.
        !isClosed && !isBroken && mysql_get_socket(handle) != MARIADB_INVALID_SOCKET
    }

    /// What the server's last answer says about the transaction. No round trip.
    public var transactionState: ServerTransactionState {
        guard isUsable else { return .unknown }
        return handle.pointee.server_status & UInt32(SERVER_STATUS_IN_TRANS) != 0 ? .active : .none
    }

    /// Lends Connector/C's handle, for what only the library can do.
    ///
    /// The closure must read every result that it asks for to its end, leave the connection open and not change its
    /// options. What it does to the session is undone by a reset only if the session was told that it was touched.
    ///
    /// - Throws: `connectionLost` if the connection is closed; what the closure throws.
    public func withNativeHandle<Result>(
        _ body: (UnsafeMutablePointer<MYSQL>) throws -> Result
    ) throws -> Result {
        try requireOpen()
        // Of several statements only the last one's answer is left.
        defer { noteAnswer(endsRows: mysql_field_count(handle) > 0) }
        return try body(handle)
    }

    /// Nothing, or snapshots on servers that don't detect conflicts.
    public var missingCapabilities: Capabilities {
        serverIsolation?.detectsConflicts == nil ? .snapshotIsolation : []
    }

    /// Prepares one statement.
    ///
    /// - Throws: ``DatabaseError``: `syntaxError` also for a text with more than one statement, `parameterCount`.
    public func prepare(
        _ text: String,
        parameterTypes: [ValueType]
    ) throws(DatabaseError) -> any PreparedStatement {
        try requireOpen()
        do throws(DatabaseError) {
            return try MariaDBStatement(self, text, parameterTypes: parameterTypes)
        } catch  where error.code == .unsupported && error.nativeCode?.number == 1295 && parameterTypes.isEmpty {
            // The few statements that can't be prepared return no rows.
            return TextStatement(self, text)
        }
    }

    /// Closes the connection. Never waits for a silent peer; may be called twice.
    public func close() {
        guard !isClosed else { return }
        // The library would say goodbye and, in the middle of a result, read to its end first.
        if !isUsable || handle.pointee.status != MYSQL_STATUS_READY { interruption.abort() }
        isClosed = true
        interruption.connectionCloses()
        mysql_close(handle)
    }
}
