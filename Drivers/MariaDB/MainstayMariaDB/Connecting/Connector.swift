// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CMariaDB

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Opens a connection by a deadline.
///
/// Connector/C's blocking way knows a timeout in whole seconds for the first steps and none for the others. So its
/// non-blocking way is taken until the session is ready; from then on calls block, and are interrupted from outside by
/// shutting the socket down. Two steps keep to the deadline only roughly: the look-up of the host takes as long as the
/// system's resolver lets it, and a TLS handshake is given up after whole seconds.
struct Connector {
    private let server: ServerConfiguration
    private let deadline: ContinuousClock.Instant

    init(_ server: ServerConfiguration, deadline: ContinuousClock.Instant) {
        self.server = server
        self.deadline = deadline
    }

    /// Opens a connection whose session is set up.
    ///
    /// - Parameter readTimeout: How long each later call may wait for an answer; nil for as long as it takes.
    /// - Returns: The connection, and what the server told about its session.
    func connect(
        readTimeout: Duration? = nil
    ) throws(DatabaseError) -> (handle: UnsafeMutablePointer<MYSQL>, facts: SessionFacts) {
        try ClientLibrary.prepare()
        guard let handle = mysql_init(nil) else {
            throw DatabaseError(.outOfResources, "MariaDB Connector/C is out of memory", isConnectionUsable: false)
        }
        do throws(DatabaseError) {
            try ConnectOptions(server, timeout: deadline - .now, readTimeout: readTimeout).apply(to: handle)
            try open(handle)
            return (handle, try setUpSession(handle))
        } catch {
            mysql_close(handle)
            throw error
        }
    }

    private func open(_ handle: UnsafeMutablePointer<MYSQL>) throws(DatabaseError) {
        var connected: UnsafeMutablePointer<MYSQL>?
        // All but the flags were given as options. Rows that an UPDATE matched are counted, not those that it changed.
        let flags = UInt(CLIENT_FOUND_ROWS)
        let isInTime = wait(
            handle,
            mysql_real_connect_start(&connected, handle, nil, nil, nil, nil, 0, nil, flags)
        ) {
            mysql_real_connect_cont(&connected, handle, $0)
        }
        guard isInTime, connected != nil else { throw failure(handle, isInTime: isInTime) }
        // What was demanded must be there, whatever the library made of its options.
        guard server.tls.mode == .insecurePlaintext || mysql_get_ssl_cipher(handle) != nil else {
            throw DatabaseError(.tlsFailed, "TLS was demanded, and MariaDB Connector/C connected without")
        }
        if case .tcp = server.endpoint { server.keepAlive.apply(to: mysql_get_socket(handle)) }
    }

    /// Makes the session what the driver relies on.
    ///
    /// - Returns: What the server told about it.
    private func setUpSession(_ handle: UnsafeMutablePointer<MYSQL>) throws(DatabaseError) -> SessionFacts {
        // One round trip, with servers that can tell by the way.
        for statement in SessionSetup.tellingStatements where try execute(statement, handle) {
            let facts = SessionFacts(handle)
            if facts.silenceLimit != nil { return facts }
        }
        guard try execute(SessionSetup.statement, handle) else { throw failure(handle, isInTime: true) }
        var facts = SessionFacts()
        if try execute("SELECT @@wait_timeout", handle) {
            facts.silenceLimit = try firstCell(handle).flatMap(SessionFacts.limit)
        }
        return facts
    }

    /// Executes a statement.
    ///
    /// - Returns: Whether the server took it; if not, why not is the last report.
    /// - Throws: If the connection broke, or the deadline passed.
    private func execute(_ text: String, _ handle: UnsafeMutablePointer<MYSQL>) throws(DatabaseError) -> Bool {
        var failed: Int32 = 0
        let isInTime = text.withCString { text in
            wait(handle, mysql_real_query_start(&failed, handle, text, UInt(strlen(text)))) {
                mysql_real_query_cont(&failed, handle, $0)
            }
        }
        guard isInTime, failed == 0 || ErrorReport(handle).error.isConnectionUsable else {
            throw failure(handle, isInTime: isInTime)
        }
        return failed == 0
    }

    /// Reads the result of the last statement, which is small.
    private func firstCell(_ handle: UnsafeMutablePointer<MYSQL>) throws(DatabaseError) -> String? {
        var result: UnsafeMutablePointer<MYSQL_RES>?
        let isInTime = wait(handle, mysql_store_result_start(&result, handle)) {
            mysql_store_result_cont(&result, handle, $0)
        }
        defer { mysql_free_result(result) }
        guard isInTime, let result else { throw failure(handle, isInTime: isInTime) }
        return mysql_fetch_row(result).flatMap { $0[0] }.map { String(cString: $0) }
    }

    private func failure(_ handle: UnsafeMutablePointer<MYSQL>, isInTime: Bool) -> DatabaseError {
        let failure = ConnectFailure(server: server, report: ErrorReport(handle))
        return isInTime ? failure.error : failure.timeout
    }

    /// Waits for what the library wants to wait for, until it has finished.
    ///
    /// When the deadline passes, the socket is shut down and the library told to go on, so that it comes to its own
    /// end: in the middle of TLS it can't be closed without waiting for the peer.
    ///
    /// - Returns: Whether that was before the deadline.
    private func wait(
        _ handle: UnsafeMutablePointer<MYSQL>,
        _ first: Int32,
        _ proceed: (Int32) -> Int32
    ) -> Bool {
        var wanted = first
        var isInTime = true
        while wanted != 0 {
            let socket = mysql_get_socket(handle)
            let remaining = deadline - .now
            if isInTime, remaining <= .zero {
                isInTime = false
                shutdown(socket, Int32(SHUT_RDWR))
            }
            guard isInTime else {
                wanted = proceed(MYSQL_WAIT_TIMEOUT)
                continue
            }
            // The library's own timeout is that of one address of a host that has several.
            let own = wanted & MYSQL_WAIT_TIMEOUT != 0 ? Int32(clamping: mysql_get_timeout_value_ms(handle)) : .max
            var descriptor = pollfd(fd: socket, events: Self.events(wanted), revents: 0)
            let count = poll(&descriptor, 1, min(own, remaining.milliseconds))
            if count > 0 {
                wanted = proceed(Self.happened(descriptor.revents, wanted))
            } else if count == 0, own < remaining.milliseconds {
                wanted = proceed(MYSQL_WAIT_TIMEOUT)
            }
            // Else the deadline has passed, which the next turn notices, or a signal came.
        }
        return isInTime
    }

    private static func events(_ wanted: Int32) -> Int16 {
        var events: Int32 = 0
        if wanted & MYSQL_WAIT_READ != 0 { events |= Int32(POLLIN) }
        if wanted & MYSQL_WAIT_WRITE != 0 { events |= Int32(POLLOUT) }
        if wanted & MYSQL_WAIT_EXCEPT != 0 { events |= Int32(POLLPRI) }
        return Int16(truncatingIfNeeded: events)
    }

    private static func happened(_ revents: Int16, _ wanted: Int32) -> Int32 {
        let events = Int32(revents)
        // An error shows itself in whatever was waited for.
        guard events & Int32(POLLERR | POLLHUP | POLLNVAL) == 0 else { return wanted & ~MYSQL_WAIT_TIMEOUT }
        var happened: Int32 = 0
        if events & Int32(POLLIN) != 0 { happened |= MYSQL_WAIT_READ }
        if events & Int32(POLLOUT) != 0 { happened |= MYSQL_WAIT_WRITE }
        if events & Int32(POLLPRI) != 0 { happened |= MYSQL_WAIT_EXCEPT }
        return happened
    }
}

extension Duration {
    /// The milliseconds, rounded up so that waiting for them does not end before the duration does.
    fileprivate var milliseconds: Int32 {
        let (seconds, attoseconds) = components
        let (whole, isOverflow) = seconds.multipliedReportingOverflow(by: 1000)
        return isOverflow ? .max : Int32(clamping: whole + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}

extension TCPKeepAlive {
    fileprivate func apply(to socket: Int32) {
        let (idle, interval) = (idle.components.seconds, interval.components.seconds)
        mainstay_mariadb_keep_alive(
            socket,
            Int32(clamping: idle),
            Int32(clamping: interval),
            Int32(clamping: count),
            // Data that was sent and not acknowledged counts as silence of the same length.
            UInt32(clamping: (idle + interval * Int64(count)) * 1000)
        )
    }
}
