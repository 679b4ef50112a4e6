// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CLibPQ

/// The number of the transaction that is open, once it was asked for and has one.
struct TransactionNumber {
    /// Whether it is asked for together with the first statement that writes.
    private(set) var isWanted = false
    private(set) var value: UInt64?
    /// The id of the server's process, which a pooler in between may change from transaction to transaction.
    private(set) var process: Int32 = 0
    /// When the server of that process was started.
    private(set) var serverStart = 0.0
    /// Whether the server has the functions by their present names, since version 13.
    private let hasPresentNames: Bool

    init(_ handle: OpaquePointer) {
        hasPresentNames = PQserverVersion(handle) >= 130_000
    }

    /// A transaction has begun.
    mutating func begin(isWanted: Bool) {
        self.isWanted = isWanted
        value = nil
    }

    /// Looks at the tag of a command: what ends a transaction or begins another one ends what is known, for SQL may do
    /// so as well.
    mutating func observe(_ tag: UnsafePointer<CChar>) {
        // ROLLBACK is also the tag of ROLLBACK TO SAVEPOINT, after which the number is just asked for once more.
        if Self.boundaries.contains(where: { tag.equals($0) }) { begin(isWanted: false) }
    }

    private static let boundaries: [StaticString] = [
        "COMMIT", "ROLLBACK", "BEGIN", "START TRANSACTION", "PREPARE TRANSACTION",
    ]

    /// Whether a statement that writes is to bring it along.
    var isMissing: Bool { isWanted && value == nil }

    /// The statement that asks for it; NULL as long as nothing was written.
    var question: String {
        let function = hasPresentNames ? "pg_current_xact_id_if_assigned" : "txid_current_if_assigned"
        return "SELECT pg_catalog.\(function)(), pg_catalog.pg_backend_pid(), \(ServerIdentity.startColumn)"
    }

    /// Takes the answer to that, if it is one.
    mutating func take(_ answer: borrowing Answer) {
        guard PQnfields(answer.pointer) == 3, let number = answer.cell(0).flatMap({ UInt64($0) }),
            let process = answer.cell(1).flatMap({ Int32($0) }), let start = answer.cell(2).flatMap(Double.init)
        else { return }
        value = number
        self.process = process
        serverStart = start
    }

    /// The expression that tells what became of another transaction.
    func status(_ number: UInt64) -> String {
        hasPresentNames ? "pg_catalog.pg_xact_status('\(number)')" : "pg_catalog.txid_status(\(number))"
    }
}
