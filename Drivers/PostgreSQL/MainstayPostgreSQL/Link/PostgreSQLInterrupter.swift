// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CLibPQ
import Synchronization

/// Interrupts a connection from any thread.
///
/// Everything that it touches is its own and lives as long as it does, not as long as libpq's connection. So it is safe
/// at any time, also after the connection was closed.
final class PostgreSQLInterrupter: Interrupter {
    /// Wakes the lane, which then gives the connection up.
    let waker: Waker

    /// The server's process for the connection, once it is known.
    var process: ServerProcess? {
        get { knownProcess.withLock { $0 } }
        set { knownProcess.withLock { $0 = newValue } }
    }

    private let knownProcess = Mutex<ServerProcess?>(nil)
    // What libpq made of the connection's address and secret key when it was opened.
    private let request: CancelRequest?
    private let isClosed = Atomic(false)
    private let isCancelAsked = Atomic(false)

    init(waker: Waker, request: CancelRequest?) {
        self.waker = waker
        self.request = request
    }

    func cancel() {
        guard !isClosed.load(ordering: .acquiring) else { return }
        isCancelAsked.store(true, ordering: .releasing)
        request?.send()
    }

    func abort() {
        waker.wake()
    }
}

// What the lane calls.
extension PostgreSQLInterrupter {
    /// Whether somebody asked to cancel what runs now. The server can't tell that from its own statement timeout.
    var wasCancelAsked: Bool { isCancelAsked.load(ordering: .acquiring) }

    /// Notes that a new command begins, of which nobody has asked to cancel it yet.
    func commandBegins() {
        isCancelAsked.store(false, ordering: .releasing)
    }

    /// Notes that there is nothing left to cancel.
    func connectionCloses() {
        isClosed.store(true, ordering: .releasing)
    }
}

/// libpq's knowledge of where and with which key to ask for a cancellation.
final class CancelRequest: Sendable {
    // Used under the lock only: libpq 17 keeps the state of the connection that carries the request in it.
    private let pointer: Mutex<Pointer>

    private struct Pointer: @unchecked Sendable {
        // Sendable because the mutex around it lets one thread at a time near what it points to.
        let value: OpaquePointer
    }

    /// Nil if libpq is out of memory.
    init?(_ connection: OpaquePointer) {
        guard let cancel = mainstay_cancel_create(connection) else { return nil }
        pointer = Mutex(Pointer(value: cancel))
    }

    deinit {
        pointer.withLock { mainstay_cancel_free($0.value) }
    }

    /// Sends the request, and returns when the server has taken it.
    func send() {
        _ = pointer.withLock { mainstay_cancel_send($0.value) }
    }
}
