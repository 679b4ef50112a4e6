// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The addresses of a host name, by a deadline.
///
/// `getaddrinfo` waits for as long as the resolver's configuration says, and libpq calls it from within. So it runs on a
/// thread of its own, which is left alone when the deadline passes, and libpq gets an address.
final class HostLookup: Sendable {
    private let host: String
    private let isDone: Waker
    private let result = Mutex<Result<[String], DatabaseError>?>(nil)

    private init(_ host: String) throws(DatabaseError) {
        self.host = host
        isDone = try Waker()
    }

    /// The numeric addresses of a host, of which there is at least one, in the order in which to try them.
    ///
    /// - Throws: `cannotConnect` if there is none, or not by the deadline.
    static func addresses(
        of host: String,
        until deadline: ContinuousClock.Instant
    ) throws(DatabaseError) -> [String] {
        if case .success(let addresses) = resolve(host, flags: AI_NUMERICHOST) { return addresses }
        let lookup = try HostLookup(host)
        try lookup.begin()
        _ = Descriptors.wait(-1, for: [], waker: lookup.isDone.descriptor, until: deadline)
        guard let result = lookup.result.withLock({ $0 }) else {
            throw DatabaseError(
                .cannotConnect,
                "the address of \(host) was not found in time",
                hint: "is a name server reachable?"
            )
        }
        return try result.get()
    }

    private func begin() throws(DatabaseError) {
        #if canImport(Darwin)
        var thread: pthread_t?
        #else
        var thread = pthread_t()
        #endif
        // Retained for the thread, which takes it over.
        let reference = Unmanaged.passRetained(self)
        let error = pthread_create(
            &thread,
            nil,
            { argument in
                #if canImport(Darwin)
                let lookup = Unmanaged<HostLookup>.fromOpaque(argument).takeRetainedValue()
                #else
                guard let argument else { return nil }
                let lookup = Unmanaged<HostLookup>.fromOpaque(argument).takeRetainedValue()
                #endif
                let result = HostLookup.resolve(lookup.host, flags: AI_ADDRCONFIG)
                lookup.result.withLock { $0 = result }
                lookup.isDone.wake()
                return nil
            },
            reference.toOpaque()
        )
        guard error == 0 else {
            reference.release()
            throw DatabaseError(.outOfResources, "the process can't start another thread", isConnectionUsable: false)
        }
        #if canImport(Darwin)
        if let thread { pthread_detach(thread) }
        #else
        pthread_detach(thread)
        #endif
    }

    private static func resolve(_ host: String, flags: Int32) -> Result<[String], DatabaseError> {
        var hints = addrinfo()
        hints.ai_flags = flags
        #if os(Linux) && !canImport(Musl)
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
        hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        let error = getaddrinfo(host, nil, &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        var addresses: [String] = []
        var next = list
        while error == 0, let entry = next {
            if let address = numeric(entry.pointee), !addresses.contains(address) { addresses.append(address) }
            next = entry.pointee.ai_next
        }
        guard addresses.isEmpty else { return .success(addresses) }
        let reason = error == 0 ? "it has no address" : String(cString: gai_strerror(error))
        return .failure(
            DatabaseError(
                .cannotConnect,
                "can't find the host \(host): \(reason)",
                hint: "is the name spelled right, and does the name server know it?"
            )
        )
    }

    private static func numeric(_ entry: addrinfo) -> String? {
        // NI_MAXHOST
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 1025) { buffer in
            guard let start = buffer.baseAddress,
                getnameinfo(
                    entry.ai_addr,
                    entry.ai_addrlen,
                    start,
                    socklen_t(buffer.count),
                    nil,
                    0,
                    NI_NUMERICHOST
                ) == 0
            else { return nil }
            return String(cString: start)
        }
    }
}
