// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

/// What a pool's configuration refuses.
struct PoolConfigurationTests {
    /// One setting, what it is set to, and what the error says of it.
    struct Fault: CustomTestStringConvertible, Sendable {
        let says: String
        let change: @Sendable (inout PoolConfiguration) -> Void

        init(_ says: String, _ change: @escaping @Sendable (inout PoolConfiguration) -> Void) {
            self.says = says
            self.change = change
        }

        var testDescription: String { says }
    }

    static let faults = [
        Fault("size is 0") { $0.size = 0 },
        Fault("size is -1") { $0.size = -1 },
        Fault("size is 10001") { $0.size = 10_001 },
        Fault("overflow is -1") { $0.overflow = -1 },
        Fault("overflow is \(Int.max)") { $0.overflow = .max },
        Fault("minimumIdle is -1") { $0.minimumIdle = -1 },
        Fault("minimumIdle is 11, and size only 10") { $0.minimumIdle = 11 },
        Fault("waiterLimit is negative") { $0.waiterLimit = -1 },
        Fault("parallelConnects is 0") { $0.parallelConnects = 0 },
        Fault("statementCacheCapacity is 0") { $0.statementCacheCapacity = 0 },
        Fault("acquireTimeout is 0s, and 1ms to 24h is possible") { $0.acquireTimeout = .zero },
        Fault("acquireTimeout is") { $0.acquireTimeout = .seconds(Int64.max) },
        Fault("connectTimeout is") { $0.connectTimeout = .seconds(-1) },
        Fault("checkTimeout is") { $0.checkTimeout = .zero },
        Fault("resetTimeout is") { $0.resetTimeout = .zero },
        Fault("closeGrace is") { $0.closeGrace = .seconds(-1) },
        Fault("idleTimeout is 0s") { $0.idleTimeout = .zero },
        Fault("overflowTimeout is") { $0.overflowTimeout = .seconds(-5) },
        Fault("maxLifetime is 999ms, and 1s to 720h is possible") { $0.maxLifetime = .milliseconds(999) },
        Fault("checkAfter is") { $0.checkAfter = .seconds(-1) },
        Fault("pingAfter is") { $0.pingAfter = .seconds(-1) },
        Fault("keepAlivePeriod is 0s") { $0.keepAlivePeriod = .zero },
        Fault("leakThreshold is 0s") { $0.leakThreshold = .zero },
        Fault("maxLifetime is no longer than keepAlivePeriod") { $0.maxLifetime = .seconds(60) },
        Fault("pingAfter is shorter than checkAfter") { $0.checkAfter = .seconds(31) },
    ]

    @Test("What is out of range or contradicts itself is refused, and named", arguments: faults)
    func refused(fault: Fault) {
        var pool = PoolConfiguration()
        fault.change(&pool)
        let error = #expect(throws: DatabaseError.self) {
            try Database(ScriptedDriver(), configuration: DatabaseConfiguration(pool: pool))
        }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains(fault.says) == true, "\(error?.message ?? "")")
    }

    @Test("All faults are named at once")
    func several() {
        var pool = PoolConfiguration(size: 0)
        pool.acquireTimeout = .zero
        let error = #expect(throws: DatabaseError.self) { try pool.validate() }
        #expect(error?.message.contains("size is 0") == true && error?.message.contains("acquireTimeout") == true)
    }

    @Test("The defaults are accepted, and what is switched off")
    func accepted() throws {
        try PoolConfiguration().validate()
        var pool = PoolConfiguration(size: 10_000, overflow: 10_000, minimumIdle: 10_000)
        (pool.idleTimeout, pool.maxLifetime, pool.pingAfter, pool.keepAlivePeriod) = (nil, nil, nil, nil)
        pool.waiterLimit = 0
        pool.closeGrace = .zero
        try pool.validate()
    }

    @Test("A single writer is one, whatever the size")
    func adapted() {
        let pool = PoolConfiguration(size: 5, overflow: 3, minimumIdle: 4)
        let single = pool.adapted(to: ScriptedDriver(capabilities: .server), isSingle: true)
        #expect((single.limit, single.minimumIdle) == (1, 1))
        #expect(single.keepAlivePeriod == pool.keepAlivePeriod)
        let file = pool.adapted(to: ScriptedDriver(), isSingle: false)
        #expect((file.limit, file.minimumIdle) == (8, 4))
        #expect(file.keepAlivePeriod == nil && file.pingAfter == nil)
    }
}
