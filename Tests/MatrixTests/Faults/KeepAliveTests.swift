// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Mainstay
import MainstayTesting
import Testing

extension ServerFaultTests {
    /// A server that ends connections which do nothing for two seconds.
    @Suite struct KeepAliveTests {
        @Test(arguments: ControlledServer.all)
        func `a server's own timeout ends nothing that is kept alive`(_ server: ControlledServer) async throws {
            try await setSilenceLimit(of: server, seconds: 2)
            do {
                try await outlive(server)
            } catch {
                try await setSilenceLimit(of: server, seconds: nil)
                throw error
            }
            try await setSilenceLimit(of: server, seconds: nil)
        }

        private func outlive(_ server: ControlledServer) async throws {
            let leftovers = try await FaultyService.with(server, .faulty) { service in
                let database = service.database
                try await database.warmUp(4)
                let accepted = service.proxy.accepted
                // A session that does something else between two transactions, and those that rest beside it.
                let ids = try await database.withSession(keepsAlive: true) { session in
                    let before = try session.query("SELECT 1", as: Int.self).one()
                    try session.commit()
                    try await Task.sleep(for: .seconds(5))
                    return [before, try session.query("SELECT 1", as: Int.self).one()]
                }
                #expect(ids == [1, 1])
                #expect(service.proxy.accepted == accepted)
                #expect(database.statistics.connectionsClosed == 0)
                #expect(database.statistics.connectionsReplaced == 0)
                // Without being kept alive it dies, is found dead, and goes on with another connection.
                try await database.withSession { session in
                    _ = try session.query("SELECT 1", as: Int.self).one()
                    try session.commit()
                    try await Task.sleep(for: .seconds(4))
                    _ = try session.query("SELECT 1", as: Int.self).one()
                }
                #expect(service.proxy.accepted == accepted + 1)
            }
            #expect(leftovers == FaultyService.Leftovers())
        }

        /// Of connections that are opened from now on.
        private func setSilenceLimit(of server: ControlledServer, seconds: Int?) async throws {
            let database = try await Database(server.url, drivers: Backends.plugins)
            let setting =
                server.name == "postgresql"
                ? "ALTER ROLE mainstay SET idle_session_timeout = '\(seconds ?? 0)s'"
                : "SET GLOBAL wait_timeout = \(seconds ?? 28_800)"
            try await database.execute(SQL(raw: setting))
            await database.close()
        }
    }
}
