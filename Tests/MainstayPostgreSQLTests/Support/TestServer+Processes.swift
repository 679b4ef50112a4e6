// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstayPostgreSQL
import MainstayTesting

extension PostgreSQLConnection {
    /// The id of the server's process for this connection.
    func process() throws -> Int32 {
        guard case .integer(let process) = try cell("SELECT pg_backend_pid()") else { throw POSIXError(.ESRCH) }
        return Int32(process)
    }
}

extension TestServer {
    /// Ends another connection, and waits until it is gone.
    static func terminate(_ process: Int32) throws {
        let connection = try connect()
        defer { connection.close() }
        try connection.execute("SELECT pg_terminate_backend($1, 5000)", .int32(process))
    }
}
