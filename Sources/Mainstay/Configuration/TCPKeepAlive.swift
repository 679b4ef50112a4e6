// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// When the operating system asks a silent peer whether it is still there. See `tcp(7)`.
public struct TCPKeepAlive: Sendable, Hashable {
    /// How long the connection is silent before the first probe: 1 s to 2 h, in whole seconds.
    public let idle: Duration

    /// The time between two probes: 1 s to 10 min, in whole seconds.
    public let interval: Duration

    /// How many probes go unanswered before the connection is given up: 1 to 127.
    public let count: Int

    /// The range of ``idle``.
    public static let idleRange: ClosedRange<Duration> = .seconds(1) ... .seconds(7200)

    /// The range of ``interval``.
    public static let intervalRange: ClosedRange<Duration> = .seconds(1) ... .seconds(600)

    /// The range of ``count``.
    public static let countRange = 1...127

    /// First probe after 30 s, two more at intervals of 10 s: a dead peer is noticed within a minute.
    public static let `default` = TCPKeepAlive(unchecked: .seconds(30), .seconds(10), 3)

    /// Creates settings.
    ///
    /// - Throws: ``DatabaseError/Code/invalidConfiguration`` when a value lies outside of its range, or a duration is
    ///   not whole seconds. Zero is refused as well: to some systems it means off, to others their default.
    public init(idle: Duration, interval: Duration, count: Int) throws(DatabaseError) {
        try Self.check(idle, in: Self.idleRange, "idle time")
        try Self.check(interval, in: Self.intervalRange, "interval")
        guard Self.countRange.contains(count) else {
            throw .misconfigured("the TCP keep-alive count is not 1 to \(Self.countRange.upperBound)")
        }
        self.init(unchecked: idle, interval, count)
    }

    /// Reads the parameters `keepalives_idle`, `keepalives_interval` and `keepalives_count`, by default those of
    /// ``default``.
    ///
    /// - Throws: ``DatabaseError/Code/invalidConfiguration`` as ``init(idle:interval:count:)`` does.
    public init(parameters: inout ParameterReader) throws(DatabaseError) {
        let idle = try parameters.duration("keepalives_idle", in: Self.idleRange)
        let interval = try parameters.duration("keepalives_interval", in: Self.intervalRange)
        let count = try parameters.int("keepalives_count", in: Self.countRange)
        try self.init(
            idle: idle ?? Self.default.idle,
            interval: interval ?? Self.default.interval,
            count: count ?? Self.default.count
        )
    }

    private init(unchecked idle: Duration, _ interval: Duration, _ count: Int) {
        self.idle = idle
        self.interval = interval
        self.count = count
    }

    private static func check(
        _ duration: Duration,
        in range: ClosedRange<Duration>,
        _ name: String
    ) throws(DatabaseError) {
        guard range.contains(duration), duration.components.attoseconds == 0 else {
            let bounds = "\(DurationText.render(range.lowerBound)) to \(DurationText.render(range.upperBound))"
            throw .misconfigured("the TCP keep-alive \(name) is not \(bounds) in whole seconds")
        }
    }
}
