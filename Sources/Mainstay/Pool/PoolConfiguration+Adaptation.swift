// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension PoolConfiguration {
    /// The configuration of one of a database's pools.
    ///
    /// - Parameter isSingle: Whether the pool has one connection, whatever the size: a writer beside many readers, or a
    ///   database in memory.
    func adapted(to driver: any Driver, isSingle: Bool) -> PoolConfiguration {
        var adapted = self
        if isSingle {
            adapted.size = 1
            adapted.overflow = 0
            adapted.minimumIdle = min(minimumIdle, 1)
        }
        // A file has no network to lose and no patience to run out of.
        if !driver.dialect.capabilities.contains(.server) {
            adapted.keepAlivePeriod = nil
            adapted.pingAfter = nil
        }
        return adapted
    }
}
