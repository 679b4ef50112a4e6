// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

/// Requests to cancel that come late, which on real databases is a matter of chance.
@Suite(.timeLimit(.minutes(1)))
struct SessionCancellationTests {
    @Test("While a request to cancel is under way, nothing is sent, and nobody gets the connection")
    func quarantine() async throws {
        let (statement, request) = (Gate(), Gate())
        let driver = ScriptedDriver { call in
            switch call.operation {
            case "start SLOW": ScriptedDriver.Answer(gate: statement)
            case "cancel": ScriptedDriver.Answer(gate: request)
            default: nil
            }
        }
        let database = try SessionBench.database(driver, resetTimeout: .seconds(60), clock: ManualClock())
        let first = Task { try await database.withSession { _ = try $0.execute("SLOW") } }
        #expect(await eventually { driver.log.contains("1 start SLOW") })
        first.cancel()
        #expect(await eventually { driver.log.contains("1 cancel") })
        // The statement ends by itself, and the scope with it; the request is still on its way.
        statement.open()
        try await first.value
        #expect(database.poolFigures[.writer]?.quarantined == 1)
        let second = Task { try await database.withSession { _ = try $0.execute("NEXT") } }
        #expect(await eventually { database.poolFigures[.writer]?.waiting == 1 })
        #expect(!driver.log.contains("1 rollback"))
        request.open()
        try await second.value
        // What the first scope left is rolled back before the second one begins.
        let log = driver.log
        let rollback = try #require(log.firstIndex(of: "1 rollback"))
        let next = try #require(log.firstIndex(of: "1 start NEXT"))
        #expect(rollback < next)
        #expect(driver.open == [1])
        await database.close()
    }

    @Test("rollback() waits for a request that is under way, so that it is not hit itself")
    func rollback() async throws {
        let (statement, request) = (Gate(), Gate())
        let driver = ScriptedDriver { call in
            switch call.operation {
            case "start SLOW": ScriptedDriver.Answer(gate: statement)
            case "cancel": ScriptedDriver.Answer(gate: request)
            default: nil
            }
        }
        let database = try SessionBench.database(driver, resetTimeout: .seconds(60), clock: ManualClock())
        let scope = Task {
            try await database.withSession { session in
                _ = try session.execute("SLOW")
                session.rollback()
            }
        }
        #expect(await eventually { driver.log.contains("1 start SLOW") })
        scope.cancel()
        #expect(await eventually { driver.log.contains("1 cancel") })
        statement.open()
        #expect(await eventually { driver.log.contains("1 finish SLOW") })
        for _ in 0..<100 { await Task.yield() }
        #expect(!driver.log.contains("1 rollback"))
        request.open()
        try await scope.value
        #expect(driver.log.contains("1 rollback"))
        await database.close()
    }
}
