// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayRecords
import MainstayTesting
import Testing

/// A row of nine columns.
@Record("readings")
struct Reading9: Hashable {
    @ID var id: Int64
    var a: Int
    var b: Int
    var c: Int
    var d: Int
    var e: Int
    var f: Int
    var g: Int
    var h: Int

    init(_ number: Int) {
        id = Int64(number)
        (a, b, c, d, e, f, g, h) = (number, 1, 2, 3, 4, 5, 6, 7)
    }
}

/// What the library itself puts into one statement has room in it, on every database and with every C library.
@Suite(.serialized) struct LargeStatementTests {
    @Test(arguments: DatabaseRun.all)
    func `a flush of 1024 records of nine columns is written, found and changed`(_ run: DatabaseRun) async throws {
        try await run.withDatabase { database in
            try await database.execute(
                """
                CREATE TABLE readings (
                    id \(type: .int64) PRIMARY KEY, a \(type: .int64), b \(type: .int64), c \(type: .int64),
                    d \(type: .int64), e \(type: .int64), f \(type: .int64), g \(type: .int64), h \(type: .int64)
                )
                """
            )
            try await database.write { session in
                for number in 1...1024 { _ = try session.add(Reading9(number)) }
            }
            try await database.write { session throws in
                let found = try session.query(Reading9.self).filter { $0.a.in(0..<10_000) }.all()
                #expect(found.count == 1024)
                let listed = try session.query(Reading9.self).filter { $0.a.in(Array(-8976...1024)) }.values().all()
                #expect(listed.count == 1024)
                for reading in found { reading.h = 70 }
            }
            #expect(try await database.query("SELECT sum(h) FROM readings", as: Int.self) == [71_680])
        }
    }

    @Test(arguments: DatabaseRun.all)
    func `ten thousand references are loaded`(_ run: DatabaseRun) async throws {
        try await run.withRecords { database in
            try await database.write { session throws in
                var teams = (1...10_000).map { Team(name: "t\($0)") }
                for index in teams.indices { teams[index].id = Int64(index + 1) }
                try session.bulkInsert(teams)
                try session.bulkInsert((1...10_000).map { Member("m\($0)", teamID: Int64($0)) })
            }
            try await database.write { session throws in
                let members = try session.query(Member.self).all()
                let teams = try session.load(\.teamID, of: members)
                #expect(members.count == 10_000)
                for member in members { #expect(teams[member]?.name == "t\(member.name.dropFirst())") }
            }
        }
    }
}
