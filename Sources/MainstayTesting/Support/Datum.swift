// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

package import Mainstay

/// A cell that can be kept and compared.
package enum Datum: Equatable {
    case null
    case bool(Bool)
    case integer(Int64)
    case unsigned(UInt64)
    case float(Float)
    case double(Double)
    case text(String)
    case bytes([UInt8])
    case decimal(String)
    case uuid([UInt8])
    case date(String)
    case time(String)
    case dateTime(String)
    case timestamp(String)
    case json(String)
    case array([Datum])
    /// Reading the cell failed.
    case failure(DatabaseError.Code)

    package init(_ cell: Cell) {
        func text(_ bytes: UnsafeRawBufferPointer) -> String { String(decoding: bytes, as: UTF8.self) }
        self =
            switch cell {
            case .null: .null
            case .bool(let value): .bool(value)
            case .integer(let value): .integer(value)
            case .unsigned(let value): .unsigned(value)
            case .float(let value): .float(value)
            case .double(let value): .double(value)
            case .text(let value): .text(text(value))
            case .bytes(let value): .bytes(Array(value))
            case .decimal(let value): .decimal(text(value))
            case .uuid(let value): .uuid(Array(value))
            case .date(let value): .date("\(value)")
            case .time(let value): .time("\(value)")
            case .dateTime(let value), .dateTimeOrTimestamp(let value): .dateTime("\(value)")
            case .timestamp(let value): .timestamp("\(value)")
            case .json(let value): .json(text(value))
            case .array(let array): .array(array.takeUnretainedValue().elements.map(Datum.init))
            }
    }
}

extension Connection {
    /// Executes a statement and keeps all its cells.
    package func rows(_ sql: String, _ values: Value..., reading: Reading = .all) throws(DatabaseError) -> [[Datum]] {
        let statement = try prepare(sql, parameterTypes: values.map(\.type))
        defer { statement.close() }
        return try statement.rows(values, reading: reading)
    }

    /// Executes a statement, and keeps the one cell of its one row.
    package func cell(_ sql: String, _ values: Value...) throws(DatabaseError) -> Datum {
        let statement = try prepare(sql, parameterTypes: values.map(\.type))
        defer { statement.close() }
        let rows = try statement.rows(values)
        guard rows.count == 1, rows[0].count == 1 else { throw DatabaseError(.noRows, "not one cell") }
        return rows[0][0]
    }

    /// Executes a statement for what it does.
    @discardableResult
    package func execute(_ sql: String, _ values: Value...) throws(DatabaseError) -> Int {
        let statement = try prepare(sql, parameterTypes: values.map(\.type))
        defer { statement.close() }
        try statement.start(values, reading: .all)
        return try statement.finish().affectedRows
    }
}

extension PreparedStatement {
    /// Executes the statement and keeps all its cells.
    package func rows(_ values: [Value], reading: Reading = .all) throws(DatabaseError) -> [[Datum]] {
        try start(values, reading: reading)
        var rows: [[Datum]] = []
        while try step() {
            var row: [Datum] = []
            for index in columns.indices {
                do throws(DatabaseError) {
                    row.append(Datum(try cell(at: index)))
                } catch {
                    row.append(.failure(error.code))
                }
            }
            rows.append(row)
        }
        _ = try finish()
        return rows
    }
}
