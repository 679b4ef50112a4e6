// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

/// An INSERT of several records, and how its rows are recognized afterwards.
struct Insertion<R: Record> {
    let statement: SQL
    /// The columns by which a returned row is recognized: those whose values come back as they were bound.
    let marks: ColumnSet
    /// The values, row after row, and where in a row those stand by which it is recognized.
    private let values: [Value]
    private let width: Int
    private let places: [Int]

    /// - Parameter unit: What knows in which forms columns have their values; without it they are bound as they are.
    init(_ records: some Collection<R>, _ given: ColumnSet, in unit: UnitOfWork? = nil) throws(DatabaseError) {
        let schema = R.schema
        let columns = given.indices
        let values = try R.values(of: records, in: columns)
        let types = try schema.types(of: values, in: columns)
        let bound = try unit?.bound(values, columns, of: schema) ?? values
        statement = schema.insertion(given, SQL.rows(bound, of: bound.prefix(columns.count).map(\.type)))
        places = columns.indices.filter { types[$0].returnsAsBound }
        marks = ColumnSet(places.map { columns[$0] })
        (self.values, width) = (values, columns.count)
    }

    /// Which of the inserted records each returned one is.
    ///
    /// - Throws: `misuse` if that can't be told, because a trigger changed what was inserted.
    func order(of returned: [R], _ marks: ColumnSet) throws(DatabaseError) -> [Int] {
        // As it is nearly always: in the order of the statement.
        if try isInOrder(returned, marks) { return Array(returned.indices) }
        var found: [[Value]] = []
        for record in returned {
            var key: [Value] = []
            for index in marks.indices { key.append(try record.columnValue(at: index).mark) }
            found.append(key)
        }
        let keys = stride(from: 0, to: values.count, by: max(width, 1)).map { row in
            self.places.map { values[row + $0].mark }
        }
        var places = Dictionary(grouping: keys.indices.reversed()) { keys[$0] }
        var order: [Int] = []
        for key in found {
            guard let index = places[key]?.popLast() else {
                throw DatabaseError(
                    .misuse,
                    "the database returned other values than were inserted into \(R.schema.name), so that it can't be told which "
                        + "key belongs to which record",
                    hint:
                        "a trigger changes values; flush() after each add(_:), or mark such properties with @Generated"
                )
            }
            order.append(index)
        }
        return order
    }

    private func isInOrder(_ returned: [R], _ marks: ColumnSet) throws(DatabaseError) -> Bool {
        guard returned.count * width == values.count else { return false }
        let columns = marks.indices
        for (row, record) in returned.enumerated() {
            for (place, column) in zip(places, columns) {
                guard try record.columnValue(at: column).hasMark(of: values[row * width + place]) else { return false }
            }
        }
        return true
    }

    /// Divides records into parts that can be told apart: those that differ only in columns by which none is recognized are
    /// inserted one by one.
    ///
    /// Records that are equal in every column may change places.
    static func parts(_ records: [R], absent: ColumnSet) throws(DatabaseError) -> [[Int]] {
        guard records.count > 1 else { return [Array(records.indices)] }
        let given = R.schema.all.subtracting(absent)
        guard !given.isEmpty else { return records.indices.map { [$0] } }
        if try areDistinct(records, given) { return [Array(records.indices)] }
        var firsts: [[Value]: [Value]] = [:]
        var together: [Int] = []
        var alone: [[Int]] = []
        for (row, record) in records.enumerated() {
            var key: [Value] = []
            var rest: [Value] = []
            for index in given.indices {
                let value = try record.columnValue(at: index)
                if value.type.returnsAsBound { key.append(value.mark) }
                rest.append(value)
            }
            if let first = firsts[key] {
                guard first == rest else {
                    alone.append([row])
                    continue
                }
            } else {
                firsts[key] = rest
            }
            together.append(row)
        }
        return [together] + alone
    }
}

extension Insertion {
    /// Whether no two records can have the same marks, by the hashes of these: most often none have.
    private static func areDistinct(_ records: [R], _ given: ColumnSet) throws(DatabaseError) -> Bool {
        var hashes = Set<Int>(minimumCapacity: records.count)
        let columns = given.indices
        for record in records {
            var hasher = Hasher()
            for index in columns {
                let value = try record.columnValue(at: index)
                if value.type.returnsAsBound { value.hashMark(into: &hasher) }
            }
            guard hashes.insert(hasher.finalize()).inserted else { return false }
        }
        return true
    }
}

extension Value {
    /// Whether the other value has the same ``mark``.
    fileprivate func hasMark(of other: Value) -> Bool {
        self == other || mark == other.mark
    }

    /// Hashes what two values with the same ``mark`` have in common.
    fileprivate func hashMark(into hasher: inout Hasher) {
        switch self {
        case .text(let text):
            // Without the spaces at the end.
            let end = text.utf8.lastIndex { $0 != UInt8(ascii: " ") }.map { text.utf8.index(after: $0) }
            for byte in text.utf8[..<(end ?? text.startIndex)] { hasher.combine(byte) }
        default: mark.hash(into: &hasher)
        }
    }

    /// The value without what columns of a fixed length add or take away at its end.
    fileprivate var mark: Value {
        switch self {
        case .text(let text):
            var utf8 = Array(text.utf8)
            while utf8.last == UInt8(ascii: " ") { utf8.removeLast() }
            return .bytes(utf8)
        case .bytes(var bytes):
            while bytes.last == 0 { bytes.removeLast() }
            return .bytes(bytes)
        default: return self
        }
    }
}

extension ValueType {
    /// Whether a value of the type comes back from the database as it was bound, but for padding: nothing is rounded or normalized.
    fileprivate var returnsAsBound: Bool {
        switch self {
        case .bool, .int16, .int32, .int64, .uint64, .text, .bytes, .uuid, .date: true
        case .any, .float, .double, .time, .dateTime, .timestamp, .decimal, .json, .array: false
        }
    }
}
