// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// What may stand for a host.
enum HostName {
    /// Accepts names of ASCII letters, digits, `.`, `-` and `_`, IPv4 addresses, and IPv6 addresses with or without a
    /// zone.
    ///
    /// So nothing reaches a C library that it might take for a path, a list or an option.
    static func validate(_ host: String) throws(DatabaseError) {
        guard !isIPv6(host) else { return }
        guard !host.utf8.contains(UInt8(ascii: ",")) else {
            throw .misconfigured("several hosts are given, which is not supported yet", hint: "name one host")
        }
        guard 1...253 ~= host.utf8.count, isName(host), let first = host.utf8.first, !"-.".utf8.contains(first) else {
            throw .misconfigured(
                "the host is not a name of ASCII letters, digits, ., - and _",
                hint: "write an international name in its xn-- form"
            )
        }
    }

    /// Whether connections to the host cannot leave this machine: `localhost`, 127.0.0.0/8 and ::1.
    ///
    /// Unusual spellings (`127.1`, `::ffff:127.0.0.1`, `::1%lo`) do not count, which errs on the safe side.
    static func isLoopback(_ host: String) -> Bool {
        // Only what is all ASCII letters, digits and dots is compared: a NUL would end the text early for C.
        if isName(host) {
            return host.lowercased() == "localhost" || ipv4(host)?.first == 127
        }
        return ipv6(host) == Array(repeating: 0, count: 15) + [1]
    }

    /// Whether the host is an IPv6 address, possibly with a zone (`fe80::1%eth0`).
    static func isIPv6(_ host: String) -> Bool {
        let parts = host.utf8.split(separator: UInt8(ascii: "%"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first, ipv6(String(Substring(address))) != nil else { return false }
        return parts.count == 1 || isName(String(Substring(parts[1])))
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                switch $0 {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    private static func ipv4(_ text: String) -> [UInt8]? {
        var address = in_addr()
        guard inet_pton(AF_INET, text, &address) == 1 else { return nil }
        return withUnsafeBytes(of: address, Array.init)
    }

    private static func ipv6(_ text: String) -> [UInt8]? {
        var address = in6_addr()
        guard !text.utf8.contains(0), inet_pton(AF_INET6, text, &address) == 1 else { return nil }
        return withUnsafeBytes(of: address, Array.init)
    }
}
