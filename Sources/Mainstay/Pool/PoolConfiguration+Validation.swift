// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension PoolConfiguration {
    private static let day = Duration.seconds(24 * 60 * 60)
    /// How long closing may wait for scopes that run.
    static let longestGrace = day
    private static let wait = Duration.milliseconds(1)...day
    private static let never = day * 365
    private static let life = Duration.milliseconds(1)...day * 30

    /// Refuses what is out of range or contradicts itself.
    ///
    /// - Throws: `invalidConfiguration`, which names every fault.
    func validate() throws(DatabaseError) {
        let faults = (sizeFaults + waitFaults + lifeFaults + contradictions).compactMap { $0 }
        guard faults.isEmpty else {
            throw DatabaseError(.invalidConfiguration, "the pool's configuration: \(faults.joined(separator: "; "))")
        }
    }

    private var sizeFaults: [String?] {
        [
            1...10_000 ~= size ? nil : "size is \(size), and 1 to 10000 is possible",
            0...10_000 ~= overflow ? nil : "overflow is \(overflow), and 0 to 10000 is possible",
            minimumIdle >= 0 ? nil : "minimumIdle is \(minimumIdle), and at least 0 is needed",
            (waiterLimit ?? 0) >= 0 ? nil : "waiterLimit is negative",
            parallelConnects >= 1 ? nil : "parallelConnects is \(parallelConnects), and at least 1 is needed",
            statementCacheCapacity >= 1
                ? nil : "statementCacheCapacity is \(statementCacheCapacity), and at least 1 is needed",
        ]
    }

    private var waitFaults: [String?] {
        [
            Self.fault("acquireTimeout", acquireTimeout, Self.wait),
            Self.fault("connectTimeout", connectTimeout, Self.wait),
            Self.fault("checkTimeout", checkTimeout, Self.wait),
            Self.fault("resetTimeout", resetTimeout, Self.wait),
            Self.fault("closeGrace", closeGrace, .zero...Self.longestGrace),
        ]
    }

    private var lifeFaults: [String?] {
        [
            Self.fault("idleTimeout", idleTimeout, Self.life),
            Self.fault("overflowTimeout", overflowTimeout, Self.life),
            Self.fault("maxLifetime", maxLifetime, .seconds(1)...Self.day * 30),
            Self.fault("checkAfter", checkAfter, .zero...Self.day * 30),
            Self.fault("pingAfter", pingAfter, .zero...Self.day * 30),
            Self.fault("keepAlivePeriod", keepAlivePeriod, Self.life),
            Self.fault("leakThreshold", leakThreshold, Self.life),
        ]
    }

    private var contradictions: [String?] {
        [
            minimumIdle <= max(size, 0) ? nil : "minimumIdle is \(minimumIdle), and size only \(size)",
            (maxLifetime ?? Self.never) <= (keepAlivePeriod ?? .zero)
                ? "maxLifetime is no longer than keepAlivePeriod, so that no connection would live to be pinged" : nil,
            (pingAfter ?? Self.never) < checkAfter
                ? "pingAfter is shorter than checkAfter, and a ping is the dearer check of the two" : nil,
        ]
    }

    private static func fault(_ name: String, _ value: Duration?, _ range: ClosedRange<Duration>) -> String? {
        guard let value, !range.contains(value) else { return nil }
        return "\(name) is \(DurationText.render(value)), and "
            + "\(DurationText.render(range.lowerBound)) to \(DurationText.render(range.upperBound)) is possible"
    }
}
