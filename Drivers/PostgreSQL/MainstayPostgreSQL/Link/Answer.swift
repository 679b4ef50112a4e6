// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CLibPQ

/// One `PGresult`: what the server answered to one statement, or a batch of its rows. Freed with its owner, also when
/// an error is thrown.
struct Answer: ~Copyable {
    /// Valid as long as this value lives.
    let pointer: OpaquePointer

    deinit {
        PQclear(pointer)
    }

    /// What kind of answer it is.
    var status: ExecStatusType { PQresultStatus(pointer) }

    /// Whether it is an error.
    var isFailure: Bool { status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE }

    /// The command tag, such as `INSERT 0 1`, until the answer is freed.
    var tag: UnsafePointer<CChar>? { UnsafePointer(PQcmdStatus(pointer)) }

    /// The number of rows that were inserted, updated, deleted or copied; rows that were only read don't count.
    var affectedRows: Int {
        guard let tag, tag[0] != 0, !Self.readers.contains(where: { tag.hasPrefix($0) }),
            let count = PQcmdTuples(pointer)
        else { return 0 }
        return Int(String(cString: count)) ?? 0
    }

    /// What the server says with the command's tag that it did to the transaction and to the session.
    ///
    /// `ROLLBACK` is the tag of ROLLBACK TO SAVEPOINT as well, which ends nothing; see ``SessionTrace/rollbackTag``.
    var trace: SessionTrace {
        guard let tag, tag[0] != 0 else { return [] }
        if tag.equals("COMMIT") || tag.equals("PREPARE TRANSACTION") { return [.endedTransaction, .committed] }
        if tag.equals("ROLLBACK") { return .rollbackTag }
        if tag.equals("BEGIN") || tag.equals("START TRANSACTION") { return .beginTag }
        return Self.touching.contains { tag.equals($0) } ? .touchedSession : []
    }

    // What a function, a procedure or a block sets goes untold, so CALL and DO count as if they did.
    private static let touching: [StaticString] = [
        "SET", "RESET", "LISTEN", "PREPARE", "DECLARE CURSOR", "LOAD", "CALL", "DO", "DISCARD", "DISCARD ALL",
        "DISCARD PLANS", "DISCARD SEQUENCES", "DISCARD TEMP", "SET ROLE",
    ]

    /// The first cell of its rows as text, or nil if that is NULL or not there.
    var firstCell: String? { cell(0) }

    /// A cell of the first row as text, or nil if that is NULL or not there.
    func cell(_ column: Int32) -> String? {
        guard PQntuples(pointer) > 0, PQnfields(pointer) > column, PQgetisnull(pointer, 0, column) == 0 else {
            return nil
        }
        return PQgetvalue(pointer, 0, column).map { String(cString: $0) }
    }

    private static let readers: [StaticString] = ["SELECT", "FETCH", "MOVE"]

    /// The columns of its rows, or of the rows of the statement that it describes.
    var columns: [Column] {
        (0..<PQnfields(pointer)).map { index in
            Column(name: PQfname(pointer, index).map { String(cString: $0) } ?? "")
        }
    }
}

extension UnsafePointer<CChar> {
    /// Whether the C string begins with an ASCII text. Ends at the string's NUL, for no text contains one.
    func hasPrefix(_ text: StaticString) -> Bool {
        for index in 0..<text.utf8CodeUnitCount where self[index] != CChar(bitPattern: text.utf8Start[index]) {
            return false
        }
        return true
    }

    /// Whether the C string is this ASCII text.
    func equals(_ text: StaticString) -> Bool {
        hasPrefix(text) && self[text.utf8CodeUnitCount] == 0
    }
}

extension SessionTrace {
    /// The driver's own: there was a command whose tag is that of ROLLBACK and of ROLLBACK TO SAVEPOINT.
    static let rollbackTag = Self(rawValue: 1 << 6)
    /// The driver's own: a transaction was begun, or one that was open was begun once more, which does nothing.
    static let beginTag = Self(rawValue: 1 << 7)
}
