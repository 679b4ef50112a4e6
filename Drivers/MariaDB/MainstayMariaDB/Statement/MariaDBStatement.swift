// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CMariaDB

/// A prepared statement and the cursor over its result.
final class MariaDBStatement: PreparedStatement {
    let connection: MariaDBConnection
    let parameters: ParameterBinding
    private let statement: UnsafeMutablePointer<MYSQL_STMT>
    private let cursor = ResultCursor()
    let parameterTypes: [ValueType]
    /// Whether the rows of a result are rows that were written: `INSERT … RETURNING`.
    private let isWrite: Bool
    private var isClosed = false
    private var completion = Completion(affectedRows: 0)
    private var isReading = false
    /// Whether the server may have another result of the execution: after one with columns, until it said that there is none.
    private var mayHaveMore = false
    /// Whether the server refused to execute the statement for several sets of parameters at once.
    var isBulkRefused = false

    init(
        _ connection: MariaDBConnection,
        _ text: String,
        parameterTypes: [ValueType]
    ) throws(DatabaseError) {
        try connection.requirePacket(of: text.utf8.count)
        guard let statement = mysql_stmt_init(connection.handle) else {
            throw connection.failure(ErrorReport(connection.handle))
        }
        self.connection = connection
        self.statement = statement
        self.parameterTypes = parameterTypes
        isWrite = text.isWrite
        parameters = ParameterBinding(count: parameterTypes.count)
        guard mysql_stmt_prepare(statement, text, UInt(text.utf8.count)) == 0 else {
            let report = ErrorReport(statement, of: connection.handle)
            close()
            // Preparing opens the tables, where a deadlock may end the transaction.
            throw connection.failureOfExecution(report)
        }
        let placeholders = Int(mysql_stmt_param_count(statement))
        guard placeholders == parameterTypes.count else {
            close()
            throw .parameterCount(placeholders: placeholders, values: parameterTypes.count)
        }
    }

    deinit {
        close()
    }

    var columns: [Column] { cursor.columns }

    func start(_ values: [Value], reading: Reading) throws(DatabaseError) {
        try requireUsable()
        if isReading || mayHaveMore { _ = try finish() }
        if connection.transactionState == .none { try connection.applyStatementLimit() }
        try parameters.set(values)
        try connection.requirePacket(of: parameters.size)
        try execute()
        takeResult()
    }

    func step() throws(DatabaseError) -> Bool {
        guard isReading else { return false }
        switch mysql_stmt_fetch(statement) {
        case 0:
            cursor.rowCount += 1
            return true
        case MYSQL_NO_DATA:
            mainstay_mariadb_take_end_status(connection.handle)
            try endResult()
            return false
        default:
            (isReading, mayHaveMore) = (false, false)
            throw connection.failureOfExecution(ErrorReport(statement, of: connection.handle))
        }
    }

    @inline(__always)
    func cell(at index: Int) throws(DatabaseError) -> Cell {
        try cursor.cell(at: index)
    }

    func nextResult() throws(DatabaseError) -> Bool {
        try endReading()
        while mayHaveMore {
            guard mysql_stmt_more_results(statement) != 0 else {
                mayHaveMore = false
                connection.statementEnds()
                break
            }
            guard mysql_stmt_next_result(statement) == 0 else {
                mayHaveMore = false
                throw connection.failureOfExecution(ErrorReport(statement, of: connection.handle))
            }
            // What is without columns is what the procedure did, which it says at last.
            takeResult()
            if isReading { return true }
        }
        return false
    }

    func finish() throws(DatabaseError) -> Completion {
        try endReading()
        while try nextResult() {}
        return completion
    }

    private func endReading() throws(DatabaseError) {
        guard isReading else { return }
        // Rows that were written are counted, others skipped.
        while isWrite, try step() {}
        if isReading { try skipResult() }
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        // After the connection was closed or reset this only frees memory.
        mysql_stmt_close(statement)
    }

    // MARK: - Execution

    /// Binds and executes what the parameters hold.
    func execute() throws(DatabaseError) {
        completion = Completion(affectedRows: 0)
        mayHaveMore = false
        guard mysql_stmt_bind_param(statement, parameters.pointer) == 0 else {
            throw connection.failure(ErrorReport(statement, of: connection.handle))
        }
        // The library would refuse a result whose number of columns is another than before (CR_NEW_STMT_METADATA, after
        // an ALTER TABLE), with the statement executed. Without columns to compare with it takes what the server sends.
        statement.pointee.field_count = 0
        connection.statementBegins()
        guard mysql_stmt_execute(statement) == 0 else {
            throw connection.failureOfExecution(ErrorReport(statement, of: connection.handle))
        }
    }

    /// Begins to read the result of what was executed; without one, the execution is over.
    private func takeResult() {
        let count = Int(mysql_stmt_field_count(statement))
        // The names come from the connection: those of the statement are of the time when it was prepared.
        cursor.take(statement.pointee.bind, connection.handle.pointee.fields, count: count)
        isReading = count > 0
        if isReading { mayHaveMore = true } else { takeCompletion() }
    }

    /// Executes for several sets of parameters at once.
    ///
    /// - Returns: The number of affected rows.
    func executeBulk(_ count: Int) throws(DatabaseError) -> Int {
        var arraySize = UInt32(clamping: count)
        mysql_stmt_attr_set(statement, STMT_ATTR_ARRAY_SIZE, &arraySize)
        defer {
            arraySize = 0
            mysql_stmt_attr_set(statement, STMT_ATTR_ARRAY_SIZE, &arraySize)
        }
        try execute()
        takeResult()
        return try finish().affectedRows
    }

    /// Whether the library and the server can execute for several sets at once.
    var isBulkPossible: Bool {
        guard !isBulkRefused, parameters.count > 0 else { return false }
        var capabilities: UInt = 0
        mariadb_get_info(connection.handle, MARIADB_CONNECTION_EXTENDED_SERVER_CAPABILITIES, &capabilities)
        // MARIADB_CLIENT_STMT_BULK_OPERATIONS, of which Connector/C shows the upper half of 64 bits.
        return capabilities & 1 << 2 != 0
    }

    private func takeCompletion() {
        connection.statementEnds()
        connection.noteAnswer(endsRows: false)
        let count = mysql_stmt_affected_rows(statement)
        // All bits are set where there is nothing to count.
        completion.affectedRows = count == .max ? 0 : Int(clamping: count)
        let key = mysql_stmt_insert_id(statement)
        completion.generatedKey = key == 0 ? nil : Int64(exactly: key)
    }

    private func skipResult() throws(DatabaseError) {
        // Reports an error that came in place of a row with the connection only.
        guard mysql_stmt_free_result(statement) == 0, mysql_errno(connection.handle) == 0 else {
            (isReading, mayHaveMore) = (false, false)
            throw connection.failureOfExecution(ErrorReport(statement, of: connection.handle))
        }
        try endResult()
    }

    /// Ends a result: a procedure may have others, and at last says what it did.
    private func endResult() throws(DatabaseError) {
        isReading = false
        completion.affectedRows = isWrite ? cursor.rowCount : 0
        cursor.end()
        connection.noteAnswer(endsRows: true)
        if mysql_stmt_more_results(statement) == 0 {
            mayHaveMore = false
            connection.statementEnds()
        }
    }

    func requireUsable() throws(DatabaseError) {
        try connection.requireOpen()
        guard !isClosed, statement.pointee.mysql != nil else {
            throw DatabaseError(.misuse, "the prepared statement is closed, or was prepared before a reset")
        }
    }
}
