// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CMariaDB
import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Interrupts a connection from any thread.
///
/// Nothing of the connection's own is touched. To cancel, another connection is opened; to abort, a duplicate of the
/// socket's descriptor is shut down, which is closed under the lock only. So it is safe at any time, also when
/// Connector/C has just closed its own descriptor and the system has given the number to somebody else.
final class MariaDBInterrupter: Interrupter {
    private let configuration: MariaDBConfiguration
    private let vendor: Vendor
    let connectionID: UInt
    /// When the connection was opened.
    let openedAt = ContinuousClock.now
    // Nil once the connection was closed.
    private let socket: Mutex<Int32?>
    // Counts beginnings and ends of statements: odd while one is running.
    private let epoch = Atomic<UInt>(0)

    /// How long a connection to ask for a cancellation may take, and each of its statements.
    private static let controlTimeout: Duration = .seconds(5)

    /// Takes a duplicate of the connection's socket.
    ///
    /// - Throws: `outOfResources` if the process has no descriptor left.
    init(_ handle: UnsafeMutablePointer<MYSQL>, _ configuration: MariaDBConfiguration) throws(DatabaseError) {
        self.configuration = configuration
        vendor = mariadb_connection(handle) != 0 ? .mariaDB : .mySQL
        connectionID = mysql_thread_id(handle)
        let duplicate = fcntl(mysql_get_socket(handle), F_DUPFD_CLOEXEC, 0)
        guard duplicate >= 0 else {
            throw DatabaseError(
                .outOfResources,
                "the process has no file descriptor left",
                hint: "raise the limit (ulimit -n), or make the pool smaller",
                isConnectionUsable: false
            )
        }
        socket = Mutex(duplicate)
    }

    deinit {
        connectionCloses()
    }

    func abort() {
        socket.withLock { socket in
            if let socket { _ = shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    /// Asks the server to stop the statement that is running now, and no later one.
    ///
    /// The server knows each statement by a number of its own, so that a request that comes too late finds nobody.
    /// MySQL has no such numbers; there the core's rule must do, that nothing is sent while a request is on its way.
    func cancel() {
        let now = epoch.load(ordering: .acquiring)
        guard isRunning(now), socket.withLock({ $0 != nil }) else { return }
        let connector = Connector(configuration.server, deadline: .now + Self.controlTimeout)
        guard let control = try? connector.connect(readTimeout: Self.controlTimeout).handle else { return }
        defer { mysql_close(control) }
        // The statement may still be on its way to the server.
        for _ in 0..<50 where epoch.load(ordering: .acquiring) == now {
            guard let request = killRequest(control) else {
                usleep(2000)
                continue
            }
            if epoch.load(ordering: .acquiring) == now {
                _ = mysql_real_query(control, request, UInt(request.utf8.count))
            }
            return
        }
    }

    private func isRunning(_ epoch: UInt) -> Bool { epoch % 2 == 1 }

    /// The statement that kills what the connection is doing, or nil if the server knows of nothing.
    private func killRequest(_ control: UnsafeMutablePointer<MYSQL>) -> String? {
        let column = vendor == .mariaDB ? "QUERY_ID" : "ID"
        let question = """
            SELECT \(column) FROM information_schema.PROCESSLIST WHERE ID = \(connectionID) AND COMMAND <> 'Sleep'
            """
        guard mysql_real_query(control, question, UInt(question.utf8.count)) == 0,
            let result = mysql_store_result(control)
        else { return nil }
        defer { mysql_free_result(result) }
        guard let row = mysql_fetch_row(result), let text = row[0], let number = UInt64(String(cString: text)) else {
            return nil
        }
        return vendor == .mariaDB ? "KILL QUERY ID \(number)" : "KILL QUERY \(number)"
    }
}

// What the lane calls.
extension MariaDBInterrupter {
    /// Notes that a statement that can be cancelled is about to be sent.
    func statementBegins() {
        if !isRunning(epoch.load(ordering: .relaxed)) { epoch.wrappingAdd(1, ordering: .releasing) }
    }

    /// Notes that the server has finished.
    func statementEnds() {
        if isRunning(epoch.load(ordering: .relaxed)) { epoch.wrappingAdd(1, ordering: .releasing) }
    }

    /// Notes that there is nothing left to interrupt.
    func connectionCloses() {
        socket.withLock { socket in
            if let socket { _ = Self.close(socket) }
            socket = nil
        }
    }

    private static func close(_ socket: Int32) -> Int32 {
        #if canImport(Darwin)
        Darwin.close(socket)
        #elseif canImport(Musl)
        Musl.close(socket)
        #else
        Glibc.close(socket)
        #endif
    }
}
