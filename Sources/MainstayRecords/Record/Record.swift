// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import Mainstay

/// A value type whose instances are rows of one table.
///
/// ```swift
/// @Record("users")
/// struct User {
///     @ID var id: Int64?
///     var name: String
///     @References(Team.self) @Column("team_id") var teamID: Int64?
/// }
/// ```
///
/// The macro ``Record(_:schema:columns:)`` makes the conformance; the requirements are for the session and are not called by
/// applications, but for ``recordKey``. A record stays a plain value: it can be `Codable`, compared, and sent to other tasks.
public protocol Record: Sendable {
    /// What identifies a row: the type of the property with `@ID`, without its optional; of several, a struct of them.
    associatedtype Key: Hashable & Sendable

    /// The typed names of the columns, as `$0` in `filter { $0.name == "john" }`.
    associatedtype Columns: Sendable

    /// The table and its columns.
    static var schema: RecordSchema { get }

    /// The typed names of the columns of the table under a name that it has in a statement.
    static func columns(of table: TableName) -> Columns

    /// What identifies the row; nil as long as the database has not made it.
    var recordKey: Key? { get }

    /// The values of a key, in the order of its columns.
    static func keyValues(_ key: Key) throws(DatabaseError) -> [Value]

    /// Whether two keys are bound to the same bytes, whatever Swift's `==` says of them.
    static func isSame(_ left: Key, _ right: Key) -> Bool

    /// A hash of the bytes to which a key is bound.
    static func hashValue(of key: Key) -> Int

    /// Reads all columns.
    init(from row: RecordRow) throws(DatabaseError)

    /// Reads those columns that the row has, and takes the others from another record.
    init(from row: RecordRow, replacingIn base: Self) throws(DatabaseError)

    /// Takes some columns from one record and the others from another.
    init(_ base: Self, with columns: ColumnSet, of other: Self)

    /// The same record with nil in those of the columns that are optional.
    init(_ base: Self, without columns: ColumnSet)

    /// The value of a column as it is bound, by the column's position.
    func columnValue(at index: Int) throws(DatabaseError) -> Value

    /// Counts a change in the property with `@Version`.
    mutating func advanceVersion()

    /// The columns in which two records differ.
    static func changes(from old: Self, to new: Self) throws(DatabaseError) -> ColumnSet
}

extension Record {
    /// Without such a property, nothing is counted.
    public mutating func advanceVersion() {}

    /// Whether two keys are bound to the same bytes. For a key of several columns, the macro writes one that needs no list of values.
    @inlinable
    public static func isSame(_ left: Key, _ right: Key) -> Bool {
        if KeyBytes.isExact(Key.self) { return left == right }
        if let left = left as? String, let right = right as? String { return left.hasBytes(of: right) }
        guard let bound = try? keyValues(left), let other = try? keyValues(right) else { return left == right }
        return bound == other
    }

    /// A hash of the bytes to which a key is bound.
    @inlinable
    public static func hashValue(of key: Key) -> Int {
        if KeyBytes.isExact(Key.self) { return key.hashValue }
        var hasher = Hasher()
        if let text = key as? String {
            text.hashBytes(into: &hasher)
        } else if let bound = try? keyValues(key) {
            hasher.combine(bound)
        }
        return hasher.finalize()
    }
}
