// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CMariaDB

/// A statement that MariaDB can't prepare, sent as text. It has no parameters and returns no rows.
final class TextStatement: PreparedStatement {
    private let connection: MariaDBConnection
    private let text: String
    private var completion = Completion(affectedRows: 0)

    init(_ connection: MariaDBConnection, _ text: String) {
        self.connection = connection
        self.text = text
    }

    var columns: [Column] { [] }

    func start(_ parameters: [Value], reading: Reading) throws(DatabaseError) {
        guard parameters.isEmpty else {
            throw .parameterCount(placeholders: 0, values: parameters.count)
        }
        connection.statementBegins()
        try connection.execute(text)
        connection.statementEnds()
        let handle = connection.handle
        connection.noteAnswer(endsRows: mysql_field_count(handle) > 0)
        guard mysql_field_count(handle) == 0 else {
            if let result = mysql_use_result(handle) {
                while mysql_fetch_row(result) != nil {}
                mysql_free_result(result)
            }
            throw DatabaseError(
                .unsupported,
                "MariaDB can't prepare this statement, and so its rows can't be read",
                hint: "use withNativeHandle(_:) of MariaDBConnection"
            )
        }
        completion = Completion(affectedRows: Int(clamping: mysql_affected_rows(handle)))
    }

    func step() throws(DatabaseError) -> Bool { false }

    func cell(at index: Int) throws(DatabaseError) -> Cell {
        throw DatabaseError(.misuse, "there is no current row")
    }

    func finish() throws(DatabaseError) -> Completion { completion }

    func close() {}
}
