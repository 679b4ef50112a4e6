// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

@Suite(.timeLimit(.minutes(1)))
struct StatementCacheTests {
    private let connection = ScriptedConnection(ScriptedDriver(), 1)

    private func key(_ number: Int) -> SQL.Shape { SQL(raw: "SELECT \(number)").shape }

    private func entry(_ number: Int) -> StatementCache.Entry {
        StatementCache.Entry(statement: ScriptedStatement(connection, "\(number)"), text: "\(number)", effect: [])
    }

    /// Puts statements into a cache and returns those that gave way.
    private func insert(_ numbers: some Sequence<Int>, into cache: inout StatementCache) -> [String] {
        numbers.flatMap { cache.insert(entry($0), for: key($0)) }.map(\.text)
    }

    @Test("What was put in is found, and nothing else")
    func finding() {
        var cache = StatementCache(capacity: 4)
        #expect(insert(1...2, into: &cache) == [])
        #expect(cache.find(key(1))?.text == "1")
        #expect(cache.find(key(3)) == nil)
        #expect(cache.count == 2)
    }

    @Test("The statement that was not used for longest gives way")
    func leastRecentlyUsed() {
        var cache = StatementCache(capacity: 3)
        _ = insert(1...3, into: &cache)
        _ = cache.find(key(1))
        #expect(insert([4], into: &cache) == ["2"])
        _ = cache.find(key(3))
        #expect(insert([5], into: &cache) == ["1"])
        #expect(insert([6], into: &cache) == ["4"])
        #expect(cache.count == 3)
    }

    @Test(
        "An eighth gives way at once, the oldest first, and the capacity is never exceeded",
        arguments: [1, 7, 8, 64]
    )
    func eviction(capacity: Int) {
        var cache = StatementCache(capacity: capacity)
        #expect(insert(0..<capacity, into: &cache) == [])
        let evicted = insert([capacity], into: &cache)
        #expect(evicted == (0..<max(1, capacity / 8)).map(String.init))
        var largest = cache.count
        for number in 0..<500 {
            _ = insert([1000 + number], into: &cache)
            largest = max(largest, cache.count)
        }
        #expect(largest <= capacity)
    }

    @Test("All can be taken out")
    func removal() {
        var cache = StatementCache(capacity: 3)
        _ = insert(1...3, into: &cache)
        #expect(cache.remove(key(2))?.text == "2")
        #expect(cache.remove(key(2)) == nil)
        #expect(cache.removeAll().map(\.text).sorted() == ["1", "3"])
        #expect(cache.count == 0)
    }

    // MARK: - In a session

    @Test("A statement that gives way is closed, and prepared again when it is used again")
    func closing() async throws {
        let driver = ScriptedDriver()
        let database = try SessionBench.database(driver, cacheCapacity: 2)
        try await database.write { session in
            for text in ["SELECT 1", "SELECT 2", "SELECT 1", "SELECT 3", "SELECT 1", "SELECT 2"] {
                try session.execute(SQL(raw: text))
            }
        }
        #expect(
            driver.log.filter { $0.contains("prepare") || $0.contains("discard") } == [
                "1 prepare SELECT 1", "1 prepare SELECT 2", "1 prepare SELECT 3", "1 discard SELECT 2",
                "1 prepare SELECT 2",
                "1 discard SELECT 3",
            ]
        )
        await database.close()
        // Closing the connection closes the others.
        #expect(driver.count("discard SELECT 1") == 1)
        #expect(driver.count("discard SELECT 2") == 2)
    }

    @Test("The same literal is prepared once for all values of one type, and again for another type")
    func keys() async throws {
        let driver = ScriptedDriver()
        let database = try SessionBench.database(driver)
        func select<Bound: SQLEncodable>(_ value: Bound) -> SQL { "SELECT \(value)" }
        let statements = [select(1), select(2), select(Int?.none), select("a"), select(Int32(1)), select("b")]
        try await database.write { session in
            for statement in statements { try session.execute(statement) }
        }
        #expect(driver.count("prepare SELECT ?") == 3)
        #expect(driver.count("start SELECT ?") == 6)
        await database.close()
    }

    @Test("A statement that can't be prepared is not kept")
    func failedPreparing() async throws {
        let driver = SessionBench.driver(
            failing: "prepare SELECT 1",
            .fails(DatabaseError(.undefinedObject, "no table"), .active)
        )
        let database = try SessionBench.database(driver)
        try await database.write { session in
            #expect(throws: DatabaseError.self) { try session.execute(SQL(raw: "SELECT 1")) }
            try session.execute(SQL(raw: "SELECT 1"))
        }
        #expect(driver.count("prepare SELECT 1") == 2)
        await database.close()
    }
}
