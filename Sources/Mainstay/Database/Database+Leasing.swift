// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension Database {
    /// Leases a connection of the writers' pool and returns it, again and again: what a scope costs that does nothing.
    ///
    /// For benchmarks, which have no other way to see a lease without its session.
    @_spi(Benchmarks)
    public func leaseAndReturn(times: Int) async throws {
        let site = CallSite(fileID: #fileID, line: #line)
        for _ in 0..<times {
            let lease = try await writers.lease(at: site)
            writers.giveBack(lease, .unused)
        }
    }
}
