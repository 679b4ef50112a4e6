// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import Mainstay

/// Lists in a table, one row for each.
public struct DatabaseLists: ListStore {
    /// Who puts an element at the end of a list.
    public enum Appending: Sendable, Hashable {
        /// The statement, so that the database reads and changes the row in one step.
        case byStatement
        /// The client, who reads the list and writes it back with one element more. Where updates are lost, so are
        /// elements.
        case byClient
    }

    /// How many lists there are; their keys begin with 0. A workload leaves a list behind after 24 elements, so that
    /// after some 20,000 transactions the last ones grow long and slow.
    public static let count = 1000

    private let database: Database
    private let isolation: IsolationLevel
    private let appending: Appending
    private let beforeAppends: (@Sendable () async -> Void)?

    /// Lists in a database, whose table is made by ``create()``.
    ///
    /// - Parameters:
    ///   - isolation: The isolation of the transactions.
    ///   - appending: Who puts an element at the end.
    ///   - beforeAppends: Awaited in the middle of each transaction, before it first writes.
    public init(
        _ database: Database,
        isolation: IsolationLevel,
        appending: Appending = .byStatement,
        beforeAppends: (@Sendable () async -> Void)? = nil
    ) {
        self.database = database
        self.isolation = isolation
        self.appending = appending
        self.beforeAppends = beforeAppends
    }

    /// Makes the table, with empty lists.
    public func create() async throws {
        try await database.execute(
            "CREATE TABLE lists (id \(type: .int32) PRIMARY KEY, items \(type: .text) NOT NULL)"
        )
        try await database.write { session in
            try session.execute(each: 0..<Self.count) {
                "INSERT INTO lists (id, items) VALUES (\(Int32($0)), \(ListText.empty))"
            }
        }
    }

    /// Executes operations in one transaction: of a `read { }` if all of them read, else of a `write { }`.
    public func run(_ operations: [ListOperation]) async throws -> [ListOperation] {
        let isReading = operations.allSatisfy { if case .read = $0 { true } else { false } }
        let body: @Sendable (isolated Session) async throws -> [ListOperation] = { session in
            var done: [ListOperation] = []
            var hasAppended = false
            for operation in operations {
                let (element, key) = operation.target
                let text = element == nil || appending == .byClient ? try session.items(of: key) : nil
                if let text { done.append(.read(key, ListText.elements(text))) }
                guard let element else { continue }
                if !hasAppended { await beforeAppends?() }
                hasAppended = true
                try session.append(element, to: key, whichIs: text)
                done.append(operation)
            }
            return done
        }
        return isReading
            ? try await database.read(isolation: isolation, body)
            : try await database.write(isolation: isolation, body)
    }

    /// All lists that are not empty.
    ///
    /// - Parameter database: A database without faults; by default the one of the lists.
    public func lists(in database: Database? = nil) async throws -> [Int: [Int]] {
        let rows = try await (database ?? self.database).query("SELECT id, items FROM lists", as: (Int, String).self)
        let lists = rows.map { ($0, ListText.elements($1)) }.filter { !$1.isEmpty }
        return Dictionary(lists) { first, _ in first }
    }
}

/// A list as text: `5,7,.`. The point at the end is what a statement replaces to append, for there is no way to write
/// concatenation that all databases understand.
private enum ListText {
    static let empty = "."

    static func end(with element: Int) -> String { "\(element),." }

    static func elements(_ text: String) -> [Int] {
        text.split(separator: ",").compactMap { Int($0) }
    }
}

extension ListOperation {
    /// What is appended, if anything is, and to what.
    fileprivate var target: (element: Int?, key: Int) {
        switch self {
        case .append(let element, let key): (element, key)
        case .read(let key, _): (nil, key)
        }
    }
}

extension Session {
    fileprivate func items(of key: Int) throws(DatabaseError) -> String {
        try query("SELECT items FROM lists WHERE id = \(Int32(key))", as: String.self).one()
    }

    /// - Parameter text: The list as the client read it. Nil leaves reading to the statement.
    fileprivate func append(_ element: Int, to key: Int, whichIs text: String?) throws(DatabaseError) {
        let end = ListText.end(with: element)
        if let text {
            let longer = text.dropLast(ListText.empty.count) + end
            try execute("UPDATE lists SET items = \(String(longer)) WHERE id = \(Int32(key))")
        } else {
            try execute(
                "UPDATE lists SET items = replace(items, \(ListText.empty), \(end)) WHERE id = \(Int32(key))"
            )
        }
    }
}
