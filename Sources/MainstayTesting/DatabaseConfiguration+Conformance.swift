// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Logging
import Mainstay

extension DatabaseConfiguration {
    /// What the suite runs with: a small pool, so that waiting happens, and no log.
    static let conformance = DatabaseConfiguration(
        pool: PoolConfiguration(size: 4, acquireTimeout: .seconds(60)),
        logger: Logger(label: "mainstay.conformance") { _ in SwiftLogNoOpLogHandler() }
    )
}
