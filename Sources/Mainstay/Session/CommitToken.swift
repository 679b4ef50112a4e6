// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A row that a transaction inserts before COMMIT, by which it is known afterwards that it was committed.
///
/// Who wants to know inserts the same row: a tombstone. If the transaction is still under way, that waits for it. If the row was
/// there, the transaction was committed; if not, the tombstone now sees to it that it never will be. It takes no look at other
/// sessions, and no privilege.
struct CommitToken: Sendable, Hashable {
    let id: String
    let table: String

    /// What is in a row beside the id.
    private enum Kind: Int16 {
        case tombstone = 0
        case committed = 1
    }

    init(table: String, _ random: () -> Double) {
        self.table = table
        // 128 bits, of which nobody makes the same twice.
        id = (0..<4).map { _ in
            let word = String(UInt32(random() * 0x1p32), radix: 16)
            return String(repeating: "0", count: 8 - word.count) + word
        }.joined()
    }

    /// Makes the table, if it is not there.
    static func creation(of table: String) -> SQL {
        """
        CREATE TABLE IF NOT EXISTS \(identifier: table) (id \(type: .varchar(32)) PRIMARY KEY, \
        kind \(type: .int16) NOT NULL, made \(type: .int64) NOT NULL)
        """
    }

    /// Removes rows that were made before a time, in seconds since 1970.
    static func removal(from table: String, madeBefore time: Int64) -> SQL {
        "DELETE FROM \(identifier: table) WHERE made < \(time)"
    }

    /// The row of the transaction that is to be committed.
    func row(now: Int64) -> SQL { insertion(.committed, now) }

    /// The row of who wants to know whether it was.
    func tombstone(now: Int64) -> SQL { insertion(.tombstone, now) }

    private func insertion(_ kind: Kind, _ now: Int64) -> SQL {
        "INSERT INTO \(identifier: table) (id, kind, made) VALUES (\(id), \(kind.rawValue), \(now))"
    }

    /// What row there is; an earlier tombstone may have been committed although nobody heard of it.
    var question: SQL { "SELECT kind FROM \(identifier: table) WHERE id = \(id)" }

    /// What the row's kind says; nil if somebody has removed it meanwhile.
    func outcome(kind: Int16?) -> TransactionOutcome {
        switch kind.flatMap(Kind.init) {
        case .committed: .committed
        case .tombstone: .rolledBack
        case nil: .unknown
        }
    }
}
