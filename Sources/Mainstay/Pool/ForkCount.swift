// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How often the process, or an ancestor of it that used this library, was forked: a child counts one more than its parent.
///
/// The system tells the child itself, so that asking is one load and not a system call for each lease.
enum ForkCount {
    private static let count = Atomic<Int>(0)

    private static let isWatching: Bool = pthread_atfork(nil, nil, { ForkCount.count.add(1, ordering: .relaxed) }) == 0

    static var current: Int {
        _ = isWatching
        return count.load(ordering: .relaxed)
    }
}
