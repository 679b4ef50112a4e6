// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayTesting

// What the databases are known for. Source: M. Kleppmann's Hermitage, https://github.com/ept/hermitage, and what the
// suite saw.

extension PostgreSQLBackend {
    func anomalies(at isolation: IsolationLevel) -> Set<Anomaly> {
        switch isolation {
        case .serializable: []
        case .readUncommitted, .readCommitted:
            [.predicateManyPreceders, .lostUpdate, .readSkew, .writeSkew, .predicateWriteSkew]
        default: [.writeSkew, .predicateWriteSkew]
        }
    }

    func isWaitingForLock(_ id: Int, in database: Database) async throws -> Bool {
        try await database.query(
            "SELECT count(*) FROM pg_stat_activity WHERE pid = \(Int32(id)) AND wait_event_type = 'Lock'",
            as: Int.self
        ) == [1]
    }
}

extension MariaDBBackend {
    func anomalies(at isolation: IsolationLevel) -> Set<Anomaly> {
        let readCommitted: Set<Anomaly> = [
            .predicateManyPreceders, .lostUpdate, .readSkew, .writeSkew, .predicateWriteSkew,
        ]
        return switch isolation {
        case .serializable: []
        case .readUncommitted:
            readCommitted.union([
                .abortedRead, .intermediateRead, .circularInformationFlow, .observedTransactionVanishes,
            ])
        case .readCommitted: readCommitted
        case .snapshot: [.writeSkew, .predicateWriteSkew]
        default: [.lostUpdate, .writeSkew, .predicateWriteSkew]
        }
    }

    /// Tables such as `innodb_trx` don't change while tests that run in parallel look at them all the time.
    func isWaitingForLock(_ id: Int, in database: Database) async throws -> Bool {
        let status = try await database.query("SHOW ENGINE INNODB STATUS", as: (String, String, String).self)
        return status.contains { _, _, text in
            text.split(separator: "---TRANSACTION").contains { transaction in
                transaction.contains("LOCK WAIT") && transaction.contains("thread id \(id),")
            }
        }
    }
}
