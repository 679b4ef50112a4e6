// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayMariaDB
import MainstayPostgreSQL
import MainstaySQLite
import MainstayTesting

/// The databases that the matrix runs on: SQLite always, the servers when their URLs are in the environment.
enum Backends {
    static let all: [any ConformanceBackend] = {
        var all: [any ConformanceBackend] = [SQLiteBackend()]
        if let url = url("MAINSTAY_POSTGRESQL_URL") { all.append(PostgreSQLBackend(url: url)) }
        if let url = url("MAINSTAY_MARIADB_URL") { all.append(MariaDBBackend(url: url)) }
        return all
    }()

    static let plugins: [DriverPlugin] = [.sqlite, .postgreSQL, .mariaDB]

    static var isComplete: Bool { all.count == 3 }

    /// Whether a missing server is a failure instead of a skip.
    static var isRequired: Bool { ProcessInfo.processInfo.environment["MAINSTAY_REQUIRE_ALL"] == "1" }

    static func url(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name]
    }

    /// A name that no other test has.
    static func uniqueName() -> String {
        "t_" + UUID().uuidString.replacing("-", with: "").lowercased()
    }
}
