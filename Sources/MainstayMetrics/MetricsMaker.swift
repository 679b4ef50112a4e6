// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Mainstay

/// Makes the metrics of one pool, which all bear its name and role.
struct MetricsMaker: Sendable {
    private let factory: any MetricsFactory
    private let dimensions: [(String, String)]

    init(factory: any MetricsFactory, poolName: String, role: Role) {
        self.factory = factory
        let role =
            switch role {
            case .reader: "reader"
            case .writer: "writer"
            }
        dimensions = [("db.client.connection.pool.name", poolName), ("mainstay.pool.role", role)]
    }

    func meter(_ label: String, _ more: (String, String)...) -> any MeterHandler {
        factory.makeMeter(label: label, dimensions: dimensions + more)
    }

    func counter(_ label: String, _ more: (String, String)...) -> any CounterHandler {
        factory.makeCounter(label: label, dimensions: dimensions + more)
    }

    func timer(_ label: String) -> any TimerHandler {
        let timer = factory.makeTimer(label: label, dimensions: dimensions)
        timer.preferDisplayUnit(.seconds)
        return timer
    }
}
