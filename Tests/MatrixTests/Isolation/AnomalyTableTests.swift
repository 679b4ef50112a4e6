// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayMariaDB
import MainstayPostgreSQL
import MainstaySQLite
import MainstayTesting
import Testing

/// The guide's table of anomalies says what the backends state, and the suite proves of them.
@Suite struct AnomalyTableTests {
    private static let postgreSQL = PostgreSQLBackend(url: "")
    private static let mariaDB = MariaDBBackend(url: "")

    /// The columns, in order.
    private static let columns: [Set<Anomaly>] = [
        postgreSQL.anomalies(at: .readCommitted), postgreSQL.anomalies(at: .repeatableRead),
        mariaDB.anomalies(at: .readUncommitted), mariaDB.anomalies(at: .readCommitted),
        mariaDB.anomalies(at: .repeatableRead), mariaDB.anomalies(at: .snapshot),
    ]

    @Test func `the guide says what is possible where`() throws {
        let rows = try Guide.named("Transactions").tableRows
        var known: [Anomaly] = []
        for row in rows where row.count == Self.columns.count + 1 {
            guard let anomaly = row[0].split(separator: "`").first.flatMap({ Anomaly(rawValue: String($0)) }) else {
                continue
            }
            known.append(anomaly)
            #expect(row.dropFirst() == Self.columns.map { $0.contains(anomaly) ? "possible" : "no" }[...], "\(anomaly)")
        }
        #expect(known.count == 10)
        #expect(Self.columns.allSatisfy { $0.isSubset(of: known) })
        // What the text above the table says.
        #expect(Self.postgreSQL.anomalies(at: .readUncommitted) == Self.columns[0])
        #expect(Self.postgreSQL.anomalies(at: .snapshot) == Self.columns[1])
        #expect(Self.postgreSQL.anomalies(at: .serializable).isEmpty)
        #expect(Self.mariaDB.anomalies(at: .serializable).isEmpty)
        #expect(SQLiteBackend().anomalies(at: .readUncommitted).isEmpty)
    }
}
