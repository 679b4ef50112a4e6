// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Logging

@testable import Mainstay

/// What the tests of the pool's shell share: a database on a clock that goes when they say so.
protocol PoolOperationBench {
    var clock: ManualClock { get }
}

extension PoolOperationBench {
    func database(
        _ driver: ScriptedDriver,
        _ pool: PoolConfiguration = PoolConfiguration(size: 1),
        observer: (@Sendable (PoolEvent) -> Void)? = nil,
        forks: @escaping @Sendable () -> Int = { 0 }
    ) throws -> Database {
        var environment = PoolEnvironment()
        environment.clock = MonotonicClock(clock)
        environment.random = { 1 }
        environment.forks = forks
        return try Database(
            driver: driver,
            configuration: DatabaseConfiguration(
                pool: pool,
                retry: .never,
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                poolObserver: observer
            ),
            environment: environment
        )
    }

    /// A pool of one connection but for what a function changes.
    func pool(_ configure: (inout PoolConfiguration) -> Void) -> PoolConfiguration {
        var pool = PoolConfiguration(size: 1)
        configure(&pool)
        return pool
    }

    /// What happened in a word: `leased`, `closed lost`.
    static func word(_ kind: PoolEvent.Kind) -> String {
        switch kind {
        case .closed(let reason): "closed \(reason)"
        case .checked(let isAlive): "checked \(isAlive)"
        case .reset(let succeeded): "reset \(succeeded)"
        case .leaseFailed(_, let error, _): "leaseFailed \(error.code)"
        default: "\("\(kind)".prefix { $0.isLetter })"
        }
    }
}
