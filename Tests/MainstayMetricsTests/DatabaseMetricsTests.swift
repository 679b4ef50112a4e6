// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayMetrics
import MainstaySQLite
import Testing

/// What a real database's pools tell.
@Suite(.timeLimit(.minutes(1)))
struct DatabaseMetricsTests {
    private let bench = MetricsBench()

    private func open(_ url: String, size: Int = 10) throws -> Database {
        var configuration = DatabaseConfiguration()
        configuration.pool = PoolConfiguration(size: size, minimumIdle: 1)
        configuration.pool.resetPolicy = .always
        configuration.poolObserver = bench.metrics.record
        return try Database(url, drivers: [.sqlite], configuration: configuration)
    }

    /// Whether the metrics say what a pool's figures say.
    private func agree(_ role: String, _ figures: PoolFigures) -> Bool {
        let totals = figures.totals
        let state = "db.client.connection.state"
        let used = figures.leased + figures.checking + figures.resetting + figures.quarantined
        let times = [
            ("create_time", totals.connects), ("wait_time", totals.leases),
            ("use_time", totals.leases - figures.leased),
        ]
        let closes = CloseReason.allCases.allSatisfy { reason in
            bench.count("mainstay.pool.closes", role: role, ("mainstay.pool.close.reason", reason.rawValue))
                == Int64(totals.closes[reason] ?? 0)
        }
        return closes
            && bench.level("db.client.connection.count", role: role, (state, "idle")) == Double(figures.idle)
            && bench.level("db.client.connection.count", role: role, (state, "used")) == Double(used)
            && bench.level("db.client.connection.max", role: role) == Double(figures.limit)
            && bench.level("db.client.connection.idle.max", role: role) == Double(figures.size)
            && bench.level("db.client.connection.idle.min", role: role) == Double(figures.minimumIdle)
            && bench.level("db.client.connection.pending_requests", role: role) == Double(figures.waiting)
            && times.allSatisfy { bench.times("db.client.connection.\($0)", role: role)?.count == $1 }
            && bench.count("mainstay.pool.resets", role: role, ("mainstay.pool.reset.succeeded", "yes"))
                == Int64(totals.resets)
    }

    /// Whether they agree at rest: an event may be told a moment after what it tells of.
    private func agreeSoon(_ database: Database, _ roles: [Role: String]) async throws -> Bool {
        for _ in 0..<500 {
            let figures = database.poolFigures
            let isAtRest = figures.values.allSatisfy { $0.idle == $0.connections }
            let doAgree = roles.allSatisfy { role, name in figures[role].map { agree(name, $0) } ?? false }
            if isAtRest, doAgree, figures.count == roles.count { return true }
            try await Task.sleep(for: .milliseconds(10))
        }
        return false
    }

    @Test("A database in memory has one pool, whose metrics agree with its figures")
    func memory() async throws {
        let database = try open("sqlite::memory:")
        try await database.write { try $0.executeScript("CREATE TABLE a (b)") }
        try await withThrowingTaskGroup { group in
            for number in 1...20 {
                group.addTask { _ = try await database.execute("INSERT INTO a VALUES (\(number))") }
            }
            try await group.waitForAll()
        }
        #expect(try await agreeSoon(database, [.writer: "writer"]))
        let totals = try #require(database.poolFigures[.writer]?.totals)
        #expect(totals.leases == 21 && totals.connects == 1 && totals.resets == 21)
        #expect(bench.level("db.client.connection.max") == 1)
        #expect(bench.level("db.client.connection.idle.min") == 1)
        #expect(bench.level("db.client.connection.max", role: "reader") == nil)
        // The pool adds up what it decides by; the events tell the moment after, when it was done.
        let used = try #require(bench.times("db.client.connection.use_time")).reduce(0, +)
        #expect(used > 0)
        let waited = try #require(bench.times("db.client.connection.wait_time")).reduce(0, +)
        #expect(totals.waitTime > .zero && Duration.nanoseconds(waited) >= totals.waitTime - .microseconds(1))

        await database.close()
        #expect(try await agreeSoon(database, [.writer: "writer"]))
        #expect(bench.count("mainstay.pool.closes", ("mainstay.pool.close.reason", "databaseClosed")) == 1)
    }

    @Test("The connection of a scope under way is used")
    func underWay() async throws {
        let database = try open("sqlite::memory:")
        try await database.withSession { _ in
            #expect(bench.level("db.client.connection.count", ("db.client.connection.state", "used")) == 1)
            #expect(bench.level("db.client.connection.count", ("db.client.connection.state", "idle")) == 0)
        }
        await database.close()
    }

    @Test("A file's readers and writer are told apart, also while they all work at once")
    func file() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "mainstay-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let database = try open("sqlite:\(folder.path)/shop.db", size: 4)
        try await database.write { try $0.executeScript("CREATE TABLE a (b)") }
        try await withThrowingTaskGroup { group in
            for number in 1...200 {
                group.addTask { _ = try await database.query("SELECT \(number)", as: Int.self) }
            }
            try await group.waitForAll()
        }
        #expect(try await agreeSoon(database, [.reader: "reader", .writer: "writer"]))
        #expect(bench.level("db.client.connection.max", role: "reader") == 4)
        #expect(bench.level("db.client.connection.max", role: "writer") == 1)
        #expect(database.poolFigures[.reader]?.totals.leases == 200)
        try database.resizePool(size: 6, overflow: 2, minimumIdle: 3)
        #expect(try await agreeSoon(database, [.reader: "reader", .writer: "writer"]))
        #expect(bench.level("db.client.connection.max", role: "reader") == 8)
        #expect(bench.level("db.client.connection.idle.max", role: "reader") == 6)
        #expect(bench.level("db.client.connection.idle.min", role: "reader") == 3)
        await database.close()
        #expect(try await agreeSoon(database, [.reader: "reader", .writer: "writer"]))
    }
}
