// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import CMariaDB

/// A connection to a MariaDB server.
///
/// An application meets it where it asks a session for what only MariaDB has; see ``withNativeHandle(_:)``.
public final class MariaDBConnection: Connection {
    let handle: UnsafeMutablePointer<MYSQL>
    let configuration: MariaDBConfiguration
    private let interruption: MariaDBInterrupter
    private var isClosed = false
    /// Whether the server or the protocol has ended it although the library has not seen the socket close.
    private var isBroken = false
    private var packetLimit: Int?

    /// Takes a connection over whose session is set up.
    init(
        _ handle: UnsafeMutablePointer<MYSQL>,
        _ configuration: MariaDBConfiguration
    ) throws(DatabaseError) {
        self.handle = handle
        self.configuration = configuration
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
        return try body(handle)
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
        } catch where error.code == .unsupported && error.nativeCode?.number == 1295 && parameterTypes.isEmpty {
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

// What the statements of the connection use.
extension MariaDBConnection {
    func requireOpen() throws(DatabaseError) {
        guard !isClosed else { throw DatabaseError(.connectionLost, "the connection is closed") }
    }

    /// Notes that a statement begins that may be cancelled.
    func statementBegins() {
        interruption.statementBegins()
    }

    /// Notes that the server has finished the statement.
    func statementEnds() {
        interruption.statementEnds()
    }

    /// The error for a report, after which the connection knows what it is still good for.
    func failure(_ report: ErrorReport) -> DatabaseError {
        interruption.statementEnds()
        let error = report.error
        if !error.isConnectionUsable { isBroken = true }
        return error
    }

    /// The error for a connection of which is known that it is dead.
    func lost(_ message: String) -> DatabaseError {
        isBroken = true
        return DatabaseError(.connectionLost, message)
    }

    /// The same as ``failure(_:)``, for a statement that the server began to execute.
    ///
    /// An error packet carries no status, and some errors end the transaction (1213) while others don't (1205). So the
    /// server is asked, by the smallest statement whose answer the library reads the status from; `mysql_ping` drops it.
    func failureOfExecution(_ report: ErrorReport) -> DatabaseError {
        let error = failure(report)
        if isUsable, mysql_real_query(handle, "DO 0", 4) != 0 { isBroken = true }
        return error
    }

    /// Executes a statement that takes no parameters and returns no rows.
    func execute(_ text: String) throws(DatabaseError) {
        try requireOpen()
        guard mysql_real_query(handle, text, UInt(text.utf8.count)) == 0 else {
            throw failureOfExecution(ErrorReport(handle))
        }
    }

    /// Refuses what is larger than the server takes: it would hang up, and the work would be tried again in vain.
    ///
    /// The limit is asked for only once, and only if a packet is not small.
    ///
    /// - Throws: `valueOutOfRange`.
    func requirePacket(of size: Int) throws(DatabaseError) {
        guard size > 1 << 19 else { return }
        let limit = try largestPacket()
        guard size < limit else {
            throw DatabaseError(
                .valueOutOfRange,
                "the statement and its values have \(size) bytes, and the server takes less than \(limit)",
                hint: "send less at once, or raise the server's max_allowed_packet"
            )
        }
    }

    /// The number of bytes that no packet may reach.
    func largestPacket() throws(DatabaseError) -> Int {
        if let packetLimit { return packetLimit }
        try execute("SELECT @@max_allowed_packet")
        guard let result = mysql_store_result(handle) else { throw failureOfExecution(ErrorReport(handle)) }
        defer { mysql_free_result(result) }
        let text = mysql_fetch_row(result).flatMap { $0[0] }.map { String(cString: $0) }
        let limit = text.flatMap { Int($0) } ?? 1 << 20
        packetLimit = limit
        return limit
    }
}
