// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Mainstay
import MainstayMariaDB
import MainstayPostgreSQL
import MainstayTesting
import Synchronization

/// A database on a server that is hurt, reached through a proxy that is hurt as well, and what of it must not be left over.
struct FaultyService: Sendable {
    let server: ControlledServer
    let proxy: FaultProxy
    /// The database through the proxy.
    let database: Database
    /// The same without.
    let direct: Database
    private let lanes: LaneCount

    /// Lends a service in a place of its own, and sees to it that nothing of it is left.
    static func with(
        _ server: ControlledServer,
        _ configuration: DatabaseConfiguration,
        _ body: (FaultyService) async throws -> Void
    ) async throws -> Leftovers {
        let plugin: DriverPlugin = server.name == "postgresql" ? .postgreSQL : .mariaDB
        let url = try await server.url
        let proxy = try FaultProxy(to: try await server.port)
        defer { proxy.stop() }
        _ = try await ServerProbe.isAccepting(server.port)
        let name = Backends.uniqueName()
        let administrator = try Database(url, drivers: [plugin], configuration: quiet)
        let backend: any ServerBackend =
            server.name == "postgresql" ? PostgreSQLBackend(url: url) : MariaDBBackend(url: url)
        try await administrator.execute(backend.create(name))
        let place = backend.url(of: name)
        let lanes = LaneCount()
        var environment = PoolEnvironment()
        let makeLane = environment.makeLane
        environment.makeLane = { (name) throws(DatabaseError) in lanes.counted(try makeLane(name)) }
        let port = try await server.port
        let address = place.replacing(":\(port)/", with: ":\(proxy.port)/")
        let separator = address.contains("?") ? "&" : "?"
        let database = try Database(
            driver: plugin.makeDriver(ConnectionURL("\(address)\(separator)sslmode=disable")),
            configuration: configuration,
            environment: environment
        )
        let direct = try Database(place, drivers: [plugin], configuration: quiet)
        let service = FaultyService(server: server, proxy: proxy, database: database, direct: direct, lanes: lanes)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(service))
        } catch {
            outcome = .failure(error)
        }
        proxy.heal()
        await database.close()
        await direct.close()
        let leftovers = await service.leftovers()
        try await administrator.execute(backend.drop(name))
        await administrator.close()
        try outcome.get()
        return leftovers
    }

    private static let quiet = DatabaseConfiguration(
        pool: PoolConfiguration(size: 2),
        logger: Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
    )

    /// What is left of a service that was closed.
    struct Leftovers: Sendable, Hashable {
        var lanes = 0
        var connections = 0
    }

    private func leftovers() async -> Leftovers {
        var leftovers = Leftovers()
        // What cancels on a thread of its own may end a little later.
        for _ in 0..<1000 {
            leftovers = Leftovers(lanes: lanes.current, connections: proxy.open)
            if leftovers == Leftovers() { break }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return leftovers
    }
}
