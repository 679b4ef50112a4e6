// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Mainstay
import MainstayTesting

/// What the backends of the servers have in common: a place of its own for each test, made and removed by statements.
protocol ServerBackend: ConformanceBackend {
    /// The server's URL.
    var url: String { get }

    /// The driver.
    var plugin: DriverPlugin { get }

    /// Makes a place of that name.
    func create(_ name: String) -> SQL

    /// Removes the place of that name.
    func drop(_ name: String) -> SQL

    /// The URL of the place of that name.
    func url(of name: String) -> String

    /// Executes a statement on a connection of its own.
    func execute(_ sql: SQL) async throws
}

extension ServerBackend {
    func withDatabase(
        _ configuration: DatabaseConfiguration,
        _ body: (Database) async throws -> Void
    ) async throws {
        try await withPlace { name in
            try await withDatabase(at: url(of: name), configuration, body)
        }
    }

    func withDatabase(
        _ configuration: DatabaseConfiguration,
        through line: FaultLine,
        _ body: (Database, FaultProxy) async throws -> Void
    ) async throws {
        let address = #/@127\.0\.0\.1:(\d+)/#
        guard let port = url.firstMatch(of: address).flatMap({ Int($0.1) }) else {
            throw DatabaseError(.invalidConfiguration, "the server is not at a port of 127.0.0.1")
        }
        let proxy = try FaultProxy(to: port)
        defer { proxy.stop() }
        try await withPlace { name in
            let place = url(of: name).replacing(address, with: "@127.0.0.1:\(proxy.port)")
            let separator = place.contains("?") ? "&" : "?"
            let authorities = ProcessInfo.processInfo.environment["MAINSTAY_TLS_CA"] ?? "MAINSTAY_TLS_CA is not set"
            let security =
                switch line {
                case .plaintext: "sslmode=disable"
                case .tls: "sslmode=verify-full&sslrootcert=\(authorities)"
                }
            try await withDatabase(at: "\(place)\(separator)\(security)", configuration) { database in
                try await body(database, proxy)
            }
        }
    }

    /// Makes a place for a function, and removes it.
    private func withPlace(_ body: (String) async throws -> Void) async throws {
        let name = Backends.uniqueName()
        try await execute(create(name))
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(name))
        } catch {
            outcome = .failure(error)
        }
        try await execute(drop(name))
        try outcome.get()
    }

    private func withDatabase(
        at url: String,
        _ configuration: DatabaseConfiguration,
        _ body: (Database) async throws -> Void
    ) async throws {
        let database = try Database(url, drivers: [plugin], configuration: configuration)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(database))
        } catch {
            outcome = .failure(error)
        }
        await database.close()
        try outcome.get()
    }

    /// Executes a statement on a connection of its own.
    func execute(_ sql: SQL) async throws {
        let administrator = try Database(
            url,
            drivers: [plugin],
            configuration: DatabaseConfiguration(pool: PoolConfiguration(size: 1))
        )
        // Outside of any transaction, where databases are made.
        try await administrator.withSession { _ = try $0.executeAutocommit(sql) }
        await administrator.close()
    }

    var misconfigurations: [Misconfiguration] {
        ServerMisconfigurations.all(url: url, driver: plugin)
    }
}
