// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A type that can be bound to a statement's parameter.
public protocol SQLEncodable {
    /// The value as it is bound.
    ///
    /// - Throws: `invalidParameter` or `overflow` if it can't be bound without loss. The statement then fails when it is
    ///   executed, before anything is sent.
    var sqlValue: Value { get throws(DatabaseError) }

    /// The type that the server is told, also when the value is NULL.
    static var sqlType: ValueType { get }

    /// A list of such values. Only for bytes is a list not an array.
    static func sqlValue(of list: [Self]) throws(DatabaseError) -> Value

    /// The type of a list of such values.
    static var sqlListType: ValueType { get }
}

extension SQLEncodable {
    /// A list is an array, where the database has arrays.
    public static func sqlValue(of list: [Self]) throws(DatabaseError) -> Value {
        var values: [Value] = []
        values.reserveCapacity(list.count)
        for element in list {
            values.append(try element.sqlValue)
        }
        return .array(values, of: sqlType)
    }

    /// A list is an array, where the database has arrays.
    public static var sqlListType: ValueType { .array(sqlType) }
}

/// A type that can be bound to a parameter and read from a column.
public typealias SQLCodable = SQLEncodable & SQLDecodable
