// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Logging

@testable import Mainstay

/// What the tests of sessions share: a database whose server is a script.
enum SessionBench {
    /// A user's own error, told apart from others of its type.
    struct UsersError: Error, Equatable {
        var number = 1
    }

    static func database(
        _ driver: ScriptedDriver,
        attempts: Int = 3,
        cacheCapacity: Int = 256,
        resetTimeout: Duration = .seconds(5),
        statementTimeout: Duration? = nil,
        commitResolution: CommitResolution = .byServer,
        clock: ManualClock? = nil
    ) throws -> Database {
        var pool = PoolConfiguration(size: 1, statementCacheCapacity: cacheCapacity)
        pool.resetTimeout = resetTimeout
        var environment = PoolEnvironment()
        if let clock {
            environment.clock = MonotonicClock(clock)
            environment.pause = { clock.advance(by: $0) }
        } else {
            environment.pause = { _ in }
        }
        return try Database(
            driver: driver,
            configuration: DatabaseConfiguration(
                pool: pool,
                retry: RetryPolicy(maxAttempts: attempts, backoff: Backoff(first: .zero, limit: .zero)),
                statementTimeout: statementTimeout,
                commitResolution: commitResolution,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            ),
            environment: environment
        )
    }

    /// A driver whose answer to a call depends on how often that call was made, from 1.
    static func driver(
        capabilities: Capabilities = [],
        _ script: @escaping @Sendable (_ operation: String, _ time: Int) -> ScriptedDriver.Answer?
    ) -> ScriptedDriver {
        let times = Shared<[String: Int]>([:])
        return ScriptedDriver(capabilities: capabilities) { call in
            let time = times.change { times in
                times[call.operation, default: 0] += 1
                return times[call.operation, default: 0]
            }
            return script(call.operation, time)
        }
    }

    /// A driver on which one call fails the first time it is made.
    static func driver(
        failing operation: String,
        _ answer: ScriptedDriver.Answer
    ) -> ScriptedDriver {
        driver { $0 == operation && $1 == 1 ? answer : nil }
    }
}
