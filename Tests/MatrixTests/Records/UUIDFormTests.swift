// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Mainstay
import MainstayRecords
import MainstayTesting
import Testing

@Record("items")
struct Item: Hashable {
    @ID var id: UUID
    var n: Int
    @References(Item.self) var parent: UUID?

    init(_ id: UUID, n: Int, parent: UUID? = nil) {
        (self.id, self.n, self.parent) = (id, n, parent)
    }
}

/// That a record's UUIDs are bound in the form that their columns have, on every database.
@Suite(.serialized) struct UUIDFormTests {
    private static let ids = (1...4).map { UUID(uuid: (0xA0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, UInt8($0))) }

    /// A type of column, and how a stored UUID looks in hexadecimal digits: as 16 bytes or as text.
    struct Form: CustomTestStringConvertible {
        let run: DatabaseRun
        let type: String
        let isBytes: Bool

        var testDescription: String { "\(type) \(run.testDescription)" }

        static var all: [Form] {
            DatabaseRun.all.flatMap { run in
                switch run.database {
                case "SQLite":
                    [
                        ("BLOB", true), ("BINARY(16)", true), ("TEXT", false), ("CHAR(36)", false), ("UUID", false),
                        ("", false),
                    ]
                    .map { Form(run: run, type: $0.0, isBytes: $0.1) }
                case "MariaDB":
                    [("BINARY(16)", true), ("VARBINARY(16)", true), ("CHAR(36)", false), ("UUID", false)]
                        .map { Form(run: run, type: $0.0, isBytes: $0.1) }
                default: [Form(run: run, type: "UUID", isBytes: false)]
                }
            }
        }

        /// A UUID as it is stored by somebody else.
        func stored(_ id: UUID) -> SQL {
            guard isBytes else { return "\(id)" }
            return withUnsafeBytes(of: id.uuid) { "\([UInt8]($0))" }
        }

        func withItems(_ body: @Sendable (isolated Session) async throws -> Void) async throws {
            try await run.withDatabase { database in
                try await database.execute(
                    "CREATE TABLE items (id \(raw: type) PRIMARY KEY, n \(type: .int32), parent \(raw: type))"
                )
                try await database.write { session throws in
                    for (n, id) in ids.prefix(3).enumerated() {
                        let parent: SQL = n == 0 ? "NULL" : stored(ids[0])
                        try session.execute(
                            "INSERT INTO items (id, n, parent) VALUES (\(stored(id)), \(n + 1), \(parent))"
                        )
                    }
                }
                try await database.withSession(body)
                // Whatever was written has the form of the others; a type of its own has only one.
                guard run.database == "SQLite" || type != "UUID" else { return }
                let lengths = try await database.query(
                    "SELECT DISTINCT length(hex(id)) FROM items UNION SELECT DISTINCT length(hex(parent)) FROM items WHERE parent IS NOT NULL",
                    as: Int.self
                )
                #expect(lengths == [isBytes ? 32 : 72])
            }
        }
    }

    private static func rows(_ session: isolated Session) throws -> [Int] {
        try session.query("SELECT n FROM items ORDER BY n", as: Int.self).all()
    }

    @Test(arguments: Form.all)
    func `a row is found, updated and deleted by its key`(_ form: Form) async throws {
        try await form.withItems { session throws in
            let item = try session.getOne(Item.self, Self.ids[1])
            item.n = 20
            try session.commit()
            #expect(try Self.rows(session) == [1, 3, 20])
            #expect(try session.getOne(Item.self, Self.ids[1]) === item)
            try session.refresh(item)
            try session.delete(item)
            try session.commit()
            #expect(try Self.rows(session) == [1, 3])
        }
    }

    @Test(arguments: Form.all)
    func `what is inserted and assigned has the form of the column`(_ form: Form) async throws {
        try await form.withItems { session throws in
            try session.add(Item(Self.ids[3], n: 4, parent: Self.ids[1]))
            try session.commit()
            try session.getOne(Item.self, Self.ids[2]).parent = Self.ids[3]
            try session.commit()
            #expect(
                try session.query(
                    "SELECT c.n FROM items c JOIN items p ON p.id = c.parent WHERE p.n > 1 ORDER BY c.n",
                    as: Int.self
                )
                .all() == [3, 4]
            )
            try session.query(Item.self).filter { $0.n == 4 }.update { $0.parent.set(Self.ids[0]) }
            try session.bulkUpdate([Item(Self.ids[2], n: 30, parent: nil)])
            try session.query(Item.self).filter { $0.id == Self.ids[3] }.delete()
            try session.bulkInsert([Item(Self.ids[3], n: 40, parent: Self.ids[2])])
            try session.commit()
            #expect(try Self.rows(session) == [1, 2, 30, 40])
            #expect(try session.query("SELECT parent FROM items WHERE n = 30", as: UUID?.self).one() == nil)
        }
    }

    @Test(arguments: Form.all)
    func `conditions find rows by their UUIDs`(_ form: Form) async throws {
        try await form.withItems { session throws in
            let query = session.query(Item.self).order { $0.n }
            #expect(try query.filter { $0.id == Self.ids[1] }.all().map(\.n) == [2])
            #expect(try query.filter { $0.id != Self.ids[1] }.all().map(\.n) == [1, 3])
            #expect(try query.filter { $0.id > Self.ids[1] }.all().map(\.n) == [3])
            #expect(try query.filter { $0.id.in([Self.ids[0], Self.ids[2]]) }.all().map(\.n) == [1, 3])
            #expect(try query.filter { $0.parent == Self.ids[0] }.all().map(\.n) == [2, 3])
            #expect(try query.filter { $0.parent == nil }.all().map(\.n) == [1])
            #expect(try query.filter { $0.parent.in([Self.ids[0]]) && $0.id == Self.ids[2] }.count() == 1)
            #expect(try query.filter { $0.parent.matches { $0.id == Self.ids[0] } }.all().map(\.n) == [2, 3])
            let joined = query.join(\.parent).filter { child, parent in parent.id == Self.ids[0] && child.n == 3 }
            #expect(try joined.all().map(\.0.n) == [3])
            session.rollback()
        }
    }

    @Test(arguments: Form.all)
    func `related records are loaded`(_ form: Form) async throws {
        try await form.withItems { session throws in
            let items = try session.query(Item.self).order { $0.n }.all()
            let parents = try session.load(\.parent, of: items)
            #expect(items.map { parents[$0]?.n } == [nil, 1, 1])
            let children = try session.load(Item.self, by: \.parent, of: items)
            #expect(items.map { children[$0].map(\.n).sorted() } == [[2, 3], [], []])
            session.rollback()
        }
    }

    @Test(arguments: Form.all)
    func `a statement without a record binds bytes where it says so`(_ form: Form) async throws {
        try await form.withItems { session throws in
            let id = Self.ids[1]
            guard form.isBytes else { return session.rollback() }
            #expect(try session.query("SELECT n FROM items WHERE id = \(id.sqlBytes)", as: Int.self).all() == [2])
            #expect(try session.query("SELECT id FROM items WHERE n = 2", as: UUID.self).one() == id)
            session.rollback()
        }
    }

    /// That an error says that the row is there, in another form.
    private static func told(_ body: () throws -> Void) {
        #expect(
            performing: body,
            throws: { error in
                let error = error as? DatabaseError
                let isTold = error?.code == .invalidValue || error?.code == .staleRecord
                return isTold && error?.isTransient == false && error?.message.contains("stored as") == true
            }
        )
    }

    /// A database without types that are enforced keeps what somebody else wrote: it is not taken for a row that is gone.
    @Test(arguments: DatabaseRun.all.filter { !$0.dialect.capabilities.contains(.strictColumnTypes) }, [true, false])
    func `a row whose UUID is stored in another form is not called gone`(_ run: DatabaseRun, _ isBytes: Bool)
        async throws
    {
        try await run.withDatabase { database in
            try await database.execute("CREATE TABLE items (id TEXT PRIMARY KEY, n INTEGER, parent TEXT)")
            let id = Self.ids[0]
            let stored: SQL = isBytes ? "\(id.sqlBytes)" : "\(id.uuidString)"
            try await database.execute("INSERT INTO items (id, n) VALUES (\(stored), 1)")
            try await database.withSession { session throws in
                Self.told { _ = try session.get(Item.self, id) }
                let item = try session.query(Item.self).one()
                item.n = 2
                Self.told { try session.flush() }
                session.rollback()
                try session.delete(try session.query(Item.self).one())
                Self.told { try session.flush() }
                session.rollback()
                Self.told { try session.refresh(try session.query(Item.self).one()) }
                Self.told { try session.query(Item.self).update { $0.n.set(3) } }
                session.rollback()
            }
            #expect(try await database.query("SELECT n FROM items", as: Int.self) == [1])
        }
    }
}
