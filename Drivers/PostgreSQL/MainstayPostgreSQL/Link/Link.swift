// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CLibPQ

/// A libpq connection, and the waiting for it: bytes out, answers in. What the answers mean is for others to know.
///
/// libpq is never let to wait by itself. Everything is sent without blocking, and then `poll` waits for the socket and
/// for the ``Waker`` of the interrupter, so that a lane can be woken that waits for a silent peer.
final class Link {
    /// What interrupts the waiting, or asks the server to cancel.
    let interrupter: PostgreSQLInterrupter
    /// What the server said besides its answers.
    let notices: Notices
    /// The statements that the session has prepared.
    let names = StatementNames()
    /// The number of the transaction that is open.
    var number: TransactionNumber
    /// Whether the transaction that is open, or was last, was begun READ ONLY.
    var wasBegunReadOnly = false
    /// Whether statements outside of transactions are only to read.
    var isLimitedToReading = false
    /// What is sent before such statements.
    var readingLimit: ReadingLimit?
    /// True if a pooler in between may give each transaction another session of the server.
    var sharesServer = false
    /// Whether an execution was begun whose answers are still to be read.
    var isReading = false
    /// When to give up waiting, while connecting; nil for never.
    var deadline: ContinuousClock.Instant?

    // Nil once closed. Everything here runs on the one lane that owns the connection.
    private var handle: OpaquePointer?
    // Somebody woke the lane: the connection may be anywhere within an exchange, so it is of no use any more.
    private var isAborted = false

    /// Takes over a connection that is open.
    init(_ handle: OpaquePointer, notices: Notices, interrupter: PostgreSQLInterrupter) {
        self.handle = handle
        self.notices = notices
        self.interrupter = interrupter
        number = TransactionNumber(handle)
        // Only makes libpq return from sending instead of waiting; it can't fail while nothing is to be sent.
        PQsetnonblocking(handle, 1)
    }

    deinit {
        close()
    }

    /// Closes the connection. Sends a good-bye if that needs no waiting.
    func close() {
        guard let handle else { return }
        self.handle = nil
        interrupter.connectionCloses()
        PQfinish(handle)
    }

    /// Whether libpq believes that the connection is good.
    var isUsable: Bool {
        guard let handle, !isAborted else { return false }
        return PQstatus(handle) == CONNECTION_OK
    }

    /// What the server said last about the transaction.
    var transactionState: ServerTransactionState {
        guard let handle, isUsable else { return .unknown }
        return switch PQtransactionStatus(handle) {
        case PQTRANS_IDLE: .none
        case PQTRANS_INTRANS: .active
        case PQTRANS_INERROR: .failed
        default: .unknown
        }
    }

    /// Whether text travels as UTF-8, which a script can change.
    var speaksUTF8: Bool {
        guard let handle else { return false }
        return PQclientEncoding(handle) == Self.utf8
    }

    private static let utf8 = pg_char_to_encoding("UTF8")

    /// libpq's connection.
    ///
    /// - Throws: `connectionLost` if it is closed or was aborted.
    func open() throws(DatabaseError) -> OpaquePointer {
        guard let handle, !isAborted else {
            throw DatabaseError(.connectionLost, isAborted ? "the connection was aborted" : "the connection is closed")
        }
        return handle
    }
}

// MARK: - Sending

extension Link {
    /// Begins a command: hands it to libpq and sees all of it off.
    ///
    /// - Parameter queue: Calls one of libpq's `PQsend…` functions, which give 1 for success.
    func send(_ queue: (OpaquePointer) -> Int32) throws(DatabaseError) {
        let handle = try open()
        if isReading { try dropAnswers() }
        interrupter.commandBegins()
        guard queue(handle) == 1 else { throw refusal(handle) }
        try flush(handle)
    }

    /// Reads what is left of an execution that was not finished.
    func dropAnswers() throws(DatabaseError) {
        var exchange = Exchange()
        do throws(DatabaseError) {
            try finish(&exchange)
        } catch  where isUsable {
            // It was for the one who didn't finish to know.
        }
    }

    /// Sends what libpq has gathered. Reads meanwhile, or two full buffers would wait for each other.
    func flush(_ handle: OpaquePointer) throws(DatabaseError) {
        // An error is left for the reading to find: there may be an answer that says more.
        while PQflush(handle) == 1 {
            if try wait(handle, for: [.readable, .writable]).contains(.readable) {
                PQconsumeInput(handle)
            }
        }
    }

    /// Why libpq did not take a command.
    func refusal(_ handle: OpaquePointer) -> DatabaseError {
        let message = firstLine(of: PQerrorMessage(handle))
        guard PQstatus(handle) == CONNECTION_OK else { return lost(message) }
        return DatabaseError(.misuse, "libpq refused a command: \(message)")
    }
}

// MARK: - Receiving

extension Link {
    /// The next answer to the current command, or nil when the server is done with it.
    ///
    /// Nil, and not the last answer, is success: a deferred constraint fails after the rows and the command's tag.
    func nextAnswer() throws(DatabaseError) -> Answer? {
        let handle = try open()
        while PQisBusy(handle) != 0 {
            try receive(handle)
        }
        guard let result = PQgetResult(handle) else { return nil }
        return Answer(pointer: result)
    }

    /// Waits until something arrives, and takes it.
    func receive(_ handle: OpaquePointer) throws(DatabaseError) {
        _ = try wait(handle, for: .readable)
        // When the connection is found broken, libpq makes an answer of that.
        guard PQconsumeInput(handle) != 0 || PQstatus(handle) != CONNECTION_OK else {
            abandon()
            throw DatabaseError(.outOfResources, firstLine(of: PQerrorMessage(handle)), isConnectionUsable: false)
        }
    }

    /// Gives the connection up in the middle of an exchange.
    func abandon() {
        isAborted = true
    }

    private func wait(
        _ handle: OpaquePointer,
        for events: Descriptors.Events
    ) throws(DatabaseError) -> Descriptors.Events {
        let waker = interrupter.waker.descriptor
        switch Descriptors.wait(PQsocket(handle), for: events, waker: waker, until: deadline) {
        case .ready(let events): return events
        case .woken:
            isAborted = true
            throw DatabaseError(.connectionLost, "the connection was aborted")
        case .timedOut:
            isAborted = true
            throw DatabaseError(.connectionLost, "no answer in time")
        }
    }

    /// The error for a connection that broke. A warning of the server from before tells why.
    func lost(_ message: String) -> DatabaseError {
        DatabaseError(
            .connectionLost,
            message.isEmpty ? "the connection broke" : message,
            sqlState: notices.shutdown?.sqlState,
            cause: notices.shutdown
        )
    }
}

// MARK: - Looking

extension Link {
    /// Takes what has arrived, and tells whether the connection still looks good. No round trip.
    ///
    /// A healthy idle server may have sent notifications, notices and changed settings; those are read and dropped.
    func looksAlive() -> Bool {
        guard let handle, isUsable else { return false }
        // Once is not enough: the first look finds the server's last words, and the second that the line is dead.
        while !Descriptors.look(at: PQsocket(handle), for: [.readable, .closed]).isEmpty {
            guard PQconsumeInput(handle) != 0, PQisBusy(handle) == 0 else { return false }
            dropNotifications(handle)
        }
        return isUsable && !notices.tellTrouble && PQtransactionStatus(handle) != PQTRANS_ACTIVE
    }

    /// Forgets notifications that nobody fetched.
    func dropNotifications(_ handle: OpaquePointer) {
        while let notification = PQnotifies(handle) {
            PQfreemem(notification)
        }
    }
}

/// The first line of a text of libpq; the lines that follow guess at reasons.
func firstLine(of text: UnsafePointer<CChar>?) -> String {
    guard let text else { return "" }
    return String(cString: text).split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
}
