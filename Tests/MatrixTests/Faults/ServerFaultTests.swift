// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What hurts whole servers: one suite after the other, on servers that no other test uses.
@Suite(
    .serialized,
    .timeLimit(.minutes(15)),
    .enabled(if: Backends.isComplete || Backends.isRequired, "Scripts/test starts the servers")
)
enum ServerFaultTests {
    /// Whether faults are caused for as long as a night has room for.
    static let isLong = ProcessInfo.processInfo.environment["MAINSTAY_FAULTS"] == "long"
}

extension ServerFaultTests {
    /// How long faults are caused.
    static func duration(_ short: Duration, long: Duration) -> Duration { isLong ? long : short }

    /// Tells people what came of it, in the test's output.
    static func report(_ text: String) {
        print("fault report: \(text)")
    }
}
