// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CMariaDB

extension MariaDBConnection {
    /// Executes any number of statements without parameters and discards their results.
    ///
    /// - Returns: The number of rows that were inserted, deleted or matched by an UPDATE.
    /// - Throws: ``DatabaseError`` whose message says which statement failed; those before it have been executed.
    public func executeScript(_ text: String) throws(DatabaseError) -> Int {
        try requireOpen()
        try requirePacket(of: text.utf8.count)
        // For this call only: a statement that an application sends one by one can't smuggle in a second one.
        try allowSeveralStatements(true)
        statementBegins()
        let result: Result<Int, DatabaseError>
        do throws(DatabaseError) {
            result = .success(try sendScript(text))
        } catch {
            result = .failure(error)
        }
        statementEnds()
        if isUsable { try allowSeveralStatements(false) }
        return try result.get()
    }

    private func sendScript(_ text: String) throws(DatabaseError) -> Int {
        var affectedRows = 0
        var statement = 1
        // 0 while there is another result, -1 after the last, above after an error, which ends the script.
        var status = mysql_real_query(handle, text, UInt(text.utf8.count))
        while status == 0 {
            if mysql_field_count(handle) > 0 {
                // Row by row, so that no result is held in memory.
                guard let result = mysql_use_result(handle) else { break }
                while mysql_fetch_row(result) != nil {}
                // Cleared by the next call, so asked for first.
                let isComplete = mysql_errno(handle) == 0
                let report = ErrorReport(handle)
                mysql_free_result(result)
                guard isComplete else { throw failureOfScript(report, statement) }
                noteAnswer(endsRows: true)
            } else {
                noteAnswer(endsRows: false)
                affectedRows += Int(clamping: mysql_affected_rows(handle))
            }
            status = mysql_next_result(handle)
            statement += 1
        }
        guard status < 0 else { throw failureOfScript(ErrorReport(handle), statement) }
        return affectedRows
    }

    private func failureOfScript(_ report: ErrorReport, _ statement: Int) -> DatabaseError {
        failureOfExecution(report).prefixed(by: "statement \(statement) of the script")
    }

    private func allowSeveralStatements(_ isAllowed: Bool) throws(DatabaseError) {
        let option = isAllowed ? MYSQL_OPTION_MULTI_STATEMENTS_ON : MYSQL_OPTION_MULTI_STATEMENTS_OFF
        guard mysql_set_server_option(handle, option) == 0 else {
            let error = failure(ErrorReport(handle))
            // Not to be handed on while it takes several statements at once.
            throw isAllowed || !isUsable ? error : lost(error.message)
        }
    }
}
