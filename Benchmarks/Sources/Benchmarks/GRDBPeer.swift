// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CPeers
import GRDB

/// The same work with GRDB.
struct GRDBPeer {
    private let queue: DatabaseQueue

    init(path: String) throws {
        queue = try DatabaseQueue(path: path)
    }

    func point(_ count: Int) throws -> Double {
        try queue.read { database in
            let statement = try database.cachedStatement(sql: "\(Self.select) WHERE id = ?")
            var sum = 0.0
            for number in 0..<count {
                guard let row = try GRDB.Row.fetchOne(statement, arguments: [Int64(peer_key(Int32(number)))]) else {
                    continue
                }
                sum += Self.sum(row)
            }
            return sum
        }
    }

    func scan() throws -> Double {
        try queue.read { database in
            let rows = try GRDB.Row.fetchCursor(database, sql: Self.select)
            var sum = 0.0
            while let row = try rows.next() { sum += Self.sum(row) }
            return sum
        }
    }

    private static let select = "SELECT id, name, email, age, score, active FROM bench_rows"

    private static func sum(_ row: GRDB.Row) -> Double {
        let (id, name, email): (Int64, String, String) = (row[0], row[1], row[2])
        let (age, score, active): (Int32, Double, Bool) = (row[3], row[4], row[5])
        return Double(id) + Double(age) + score + (active ? 1 : 0) + Double(name.utf8.first ?? 0)
            + Double(email.utf8.first ?? 0)
    }
}
