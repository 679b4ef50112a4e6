// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What the system refused a ``FaultProxy``.
public struct FaultProxyError: Error, CustomStringConvertible {
    /// The function that failed, and why.
    public let description: String

    init(_ function: String, _ number: Int32) {
        description = "\(function): \(String(cString: strerror(number)))"
    }
}
