// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What a proxy's thread counts for others to read.
final class ProxyCounts: Sendable {
    let accepted = Atomic(0)
    let open = Atomic(0)
}
