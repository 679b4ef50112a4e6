// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// In which form UUIDs are bound: as the column has them, which is text or 16 bytes where a database lets one choose.
extension UnitOfWork {
    /// The columns of a table that hold bytes. The database is asked once a session, and sent the question once a connection.
    private func byteColumns(of schema: RecordSchema) throws(DatabaseError) -> ColumnSet {
        guard context.dialect.capabilities.contains(.byteColumns) else { return [] }
        if let known = byteColumns[ObjectIdentifier(schema)] { return known }
        let columns = try context.columns(
            of: "SELECT \(SQL.names(schema.names)) FROM \(schema.tableSQL) WHERE 1 = 0"
        )
        let bytes = ColumnSet(columns.indices.filter { columns[$0].isBytes })
        byteColumns[ObjectIdentifier(schema)] = bytes
        return bytes
    }

    /// The values of columns, row after row, in the forms that the columns have.
    func bound(_ values: [Value], _ columns: [Int], of schema: RecordSchema) throws(DatabaseError) -> [Value] {
        guard !values.isEmpty, values.prefix(columns.count).contains(where: { $0.type == .uuid }) else { return values }
        let bytes = try byteColumns(of: schema)
        guard columns.contains(where: bytes.contains) else { return values }
        var bound = values
        for place in bound.indices where bytes.contains(columns[place % columns.count]) {
            bound[place] = bound[place].asBytes
        }
        return bound
    }

    /// The value of a column in the form that it has.
    func bound(_ value: Value, _ column: Int, of schema: RecordSchema) throws(DatabaseError) -> Value {
        guard value.type == .uuid, try byteColumns(of: schema).contains(column) else { return value }
        return value.asBytes
    }

    /// A statement whose conditions and assignments were made without knowing the database.
    func bound(_ sql: SQL) -> SQL {
        do {
            return try sql.bindingColumns { (table, column) throws(DatabaseError) in
                guard let schema = table as? RecordSchema else { return false }
                return try byteColumns(of: schema).contains(column)
            }
        } catch {
            return .failing(error)
        }
    }
}

extension RecordStore {
    /// The values of a key in the forms that its columns have.
    func bound(_ key: [Value]) throws(DatabaseError) -> [Value] {
        try unit.bound(key, schema.keys.indices, of: schema)
    }

    /// The stored form in which the database has a row, if it has none in the form that is bound: where columns have no type that is
    /// enforced, text stays what somebody else wrote.
    ///
    /// - Returns: Nil if there is no such row, or only one form.
    func otherForm(of key: R.Key) throws(DatabaseError) -> String? {
        let values = try R.keyValues(key)
        guard context.dialect.capabilities.contains(.byteColumns), values.contains(where: { $0.type == .uuid }) else {
            return nil
        }
        let isEnforced = context.dialect.capabilities.contains(.strictColumnTypes)
        // A collation may find it by any spelling; then it is another version that is missing, or nothing.
        guard try !exists(bound(values)) else { return nil }
        for form in UUIDForm.allCases where form != .bytes || !isEnforced {
            if try exists(values.map(form.of)) { return form.rawValue }
        }
        return nil
    }

    private func exists(_ key: [Value]) throws(DatabaseError) -> Bool {
        let condition: SQL = "\(schema.conditions(key), separator: " AND ")"
        return try Query<Int>(context, "SELECT 1 FROM \(schema.tableSQL) WHERE \(condition)", .values()).first() != nil
    }

    /// Throws if a row that was not found is there in another form. Only looked for where columns have no type that is enforced.
    func requireGone(_ key: R.Key) throws(DatabaseError) {
        guard !context.dialect.capabilities.contains(.strictColumnTypes), let form = try otherForm(of: key) else {
            return
        }
        throw inOtherForm(.invalidValue, form, key)
    }

    /// The error for a row whose UUID is stored in another form than the one that is bound.
    func inOtherForm(_ code: DatabaseError.Code, _ form: String, _ key: R.Key) -> DatabaseError {
        DatabaseError(
            code,
            "the row of \(schema.name) is there, but its UUID is stored \(form), and so is not found by the form that is bound",
            hint:
                "store UUIDs in one form: 16 bytes in a column of bytes, or text in small letters; see the guide Types",
            sensitiveDetail: "key \(key)",
            isTransient: false
        )
    }
}

/// How a UUID may be stored. The raw value is for errors.
private enum UUIDForm: String, CaseIterable {
    case lowercase = "as text in small letters"
    case uppercase = "as text in capital letters"
    case bytes = "as 16 bytes"

    func of(_ value: Value) -> Value {
        guard case .uuid(let uuid) = value else { return value }
        switch self {
        case .lowercase: return .text(uuid.uuidString.lowercased())
        case .uppercase: return .text(uuid.uuidString)
        case .bytes: return value.asBytes
        }
    }
}
