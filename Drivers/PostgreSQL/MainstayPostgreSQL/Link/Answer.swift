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
