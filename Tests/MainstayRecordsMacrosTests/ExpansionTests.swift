// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

/// All that `@Record` adds to a struct.
@Suite
struct ExpansionTests {
    @Test("A struct becomes a record")
    func record() {
        let expansion = Expansion(
            of: """
                @Record("users", columns: .snakeCase)
                public struct User {
                    @ID public var id: Int64?
                    public var name: String
                    @Column("mail") var email: String? = nil
                    @References(Team.self) var teamID: Int64?
                    @Version var version = 1
                    @Generated var createdAt: Timestamp?
                    var isNew: Bool { id == nil }
                }
                """
        )
        #expect(expansion.faults.isEmpty)
        #expect(expansion.text == expected)
    }

    private let expected = """
        public struct User {
            public var id: Int64?
            public var name: String
            var email: String? = nil
            var teamID: Int64?
            var version = 1
            var createdAt: Timestamp?
            var isNew: Bool { id == nil }

            public typealias Key = Int64

            public nonisolated struct Columns: Sendable {
                public let id: MainstayRecords.RecordColumn<User, Int64?>
                public let name: MainstayRecords.RecordColumn<User, String>
                let email: MainstayRecords.RecordColumn<User, String?>
                let teamID: MainstayRecords.RecordReference<User, Int64?, Team>
                let version: MainstayRecords.RecordColumn<User, Int>
                let createdAt: MainstayRecords.RecordColumn<User, Timestamp?>

                init(_ table: MainstayRecords.TableName) {
                    self.id = MainstayRecords.RecordColumn(table, "id", 0)
                    self.name = MainstayRecords.RecordColumn(table, "name", 1)
                    self.email = MainstayRecords.RecordColumn(table, "mail", 2)
                    self.teamID = MainstayRecords.RecordReference(table, "team_id", 3) {
                        $0.teamID = $1
                    }
                    self.version = MainstayRecords.RecordColumn(table, "version", 4)
                    self.createdAt = MainstayRecords.RecordColumn(table, "created_at", 5)
                }
            }

            public static let schema = MainstayRecords.RecordSchema(
                table: ["users"],
                columns: [
                    MainstayRecords.RecordSchema.Column("id", .generatedKey, isOptional: true),
                    MainstayRecords.RecordSchema.Column("name"),
                    MainstayRecords.RecordSchema.Column("mail", isOptional: true),
                    MainstayRecords.RecordSchema.Column("team_id", isOptional: true, references: Team.self),
                    MainstayRecords.RecordSchema.Column("version", .version),
                    MainstayRecords.RecordSchema.Column("created_at", .generated, isOptional: true),
                ]
            )
        }

        extension User: MainstayRecords.Record {
            public static func columns(of table: MainstayRecords.TableName) -> Columns {
                Columns(table)
            }

            public var recordKey: Key? {
                self.id
            }

            public static func keyValues(_ key: Key) throws(Mainstay.DatabaseError) -> [Mainstay.Value] {
                func value(_ value: some Mainstay.SQLEncodable) throws(Mainstay.DatabaseError) -> Mainstay.Value {
                    try value.sqlValue
                }
                return try [value(key)]
            }

            public init(from row: MainstayRecords.RecordRow) throws(Mainstay.DatabaseError) {
                self.id = try row.value(0)
                self.name = try row.value(1)
                self.email = try row.value(2)
                self.teamID = try row.value(3)
                self.version = try row.value(4)
                self.createdAt = try row.value(5)
            }

            public init(from row: MainstayRecords.RecordRow, replacingIn base: User) throws(Mainstay.DatabaseError) {
                self.id = try row.has(0) ? row.value(0) : base.id
                self.name = try row.has(1) ? row.value(1) : base.name
                self.email = try row.has(2) ? row.value(2) : base.email
                self.teamID = try row.has(3) ? row.value(3) : base.teamID
                self.version = try row.has(4) ? row.value(4) : base.version
                self.createdAt = try row.has(5) ? row.value(5) : base.createdAt
            }

            public init(_ base: User, with columns: MainstayRecords.ColumnSet, of other: User) {
                self.id = columns.contains(0) ? other.id : base.id
                self.name = columns.contains(1) ? other.name : base.name
                self.email = columns.contains(2) ? other.email : base.email
                self.teamID = columns.contains(3) ? other.teamID : base.teamID
                self.version = columns.contains(4) ? other.version : base.version
                self.createdAt = columns.contains(5) ? other.createdAt : base.createdAt
            }

            public init(_ base: User, without columns: MainstayRecords.ColumnSet) {
                self.id = columns.contains(0) ? nil : base.id
                self.name = base.name
                self.email = columns.contains(2) ? nil : base.email
                self.teamID = columns.contains(3) ? nil : base.teamID
                self.version = base.version
                self.createdAt = columns.contains(5) ? nil : base.createdAt
            }

            public func columnValue(at index: Int) throws(Mainstay.DatabaseError) -> Mainstay.Value {
                func value(_ value: some Mainstay.SQLEncodable) throws(Mainstay.DatabaseError) -> Mainstay.Value {
                    try value.sqlValue
                }
                switch index {
                case 0:
                    return try value(self.id)
                case 1:
                    return try value(self.name)
                case 2:
                    return try value(self.email)
                case 3:
                    return try value(self.teamID)
                case 4:
                    return try value(self.version)
                case 5:
                    return try value(self.createdAt)
                default:
                    return .null(.any)
                }
            }

            public mutating func advanceVersion() {
                self.version &+= 1
            }
        }
        """
}
