// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What a thread hands back to another one.
final class ProxyResult<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
}
