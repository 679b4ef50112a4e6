// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayTesting

/// What befalls the connections of a workload, at random.
struct Chaos {
    let backend: any ConformanceBackend
    let database: Database
    /// The line, on databases that are servers.
    let proxy: FaultProxy?

    /// Causes faults for a while, and for as long as a condition doesn't hold.
    ///
    /// - Returns: How many there were.
    func rage(for duration: Duration, until isEnough: () -> Bool) async throws -> Int {
        let end = ContinuousClock.now + duration
        var count = 0
        while ContinuousClock.now < end || !isEnough() {
            await befall()
            count += 1
            try await Task.sleep(for: .milliseconds(Int.random(in: 30..<200)))
        }
        proxy?.heal()
        return count
    }

    private func befall() async {
        guard let proxy, Int.random(in: 0..<6) > 0 else { return await befallConnection() }
        switch Int.random(in: 0..<5) {
        case 0: proxy.inject(.reset)
        case 1: proxy.inject(.close)
        case 2: proxy.inject(.reset, when: .text(.toServer, "COMMIT", .before), times: 2)
        default: proxy.inject(.reset, when: .text(.toServer, "COMMIT", .answered), times: 2)
        }
    }

    /// Connections are replaced, or one is ended from outside in the middle of a transaction.
    private func befallConnection() async {
        if Bool.random() {
            database.evictConnections(.atOnce)
        } else {
            try? await database.withSession { session in
                try session.execute("UPDATE lists SET items = 'nobody reads this' WHERE id = 0")
                try await backend.killConnection(of: session)
            }
        }
    }

    /// Gives a function a database whose connections can be hurt.
    static func with(_ backend: any ConformanceBackend, _ body: (Chaos) async throws -> Void) async throws {
        if backend.dialect.capabilities.contains(.server) {
            try await backend.withDatabase(.faulty, through: .plaintext) { database, proxy in
                try await body(Chaos(backend: backend, database: database, proxy: proxy))
            }
        } else {
            try await backend.withDatabase(.faulty) { database in
                try await body(Chaos(backend: backend, database: database, proxy: nil))
            }
        }
    }
}
