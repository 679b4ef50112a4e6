// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Mainstay

/// What one pool is like: the meters that show its latest figures.
struct FigureMeters {
    private let idle: any MeterHandler
    private let used: any MeterHandler
    private let idleMax: any MeterHandler
    private let idleMin: any MeterHandler
    private let max: any MeterHandler
    private let pendingRequests: any MeterHandler
    private var latest = 0

    init(_ maker: MetricsMaker) {
        idle = maker.meter("db.client.connection.count", ("db.client.connection.state", "idle"))
        used = maker.meter("db.client.connection.count", ("db.client.connection.state", "used"))
        idleMax = maker.meter("db.client.connection.idle.max")
        idleMin = maker.meter("db.client.connection.idle.min")
        max = maker.meter("db.client.connection.max")
        pendingRequests = maker.meter("db.client.connection.pending_requests")
    }

    /// Shows figures, unless newer ones are shown: threads overtake each other between the pool and here.
    mutating func show(_ figures: PoolFigures) {
        guard figures.reading > latest else { return }
        latest = figures.reading
        idle.set(Int64(figures.idle))
        used.set(Int64(figures.leased + figures.checking + figures.resetting + figures.quarantined))
        idleMax.set(Int64(figures.size))
        idleMin.set(Int64(figures.minimumIdle))
        max.set(Int64(figures.limit))
        pendingRequests.set(Int64(figures.waiting))
    }
}
