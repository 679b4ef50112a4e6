// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A server that tests may hurt, because no other test uses it: one of a second pair, which is started when it is first
/// needed and stopped when the test process ends.
///
/// Suites that use it are serialised, and one uses a server at a time.
struct ControlledServer: Sendable, CustomStringConvertible {
    /// How a server ends.
    enum Stop: Sendable, CaseIterable {
        /// It ends its connections in good order, and itself.
        case fast

        /// It leaves everything as it is, which it has to repair when it starts. MariaDB knows no such way, and is killed.
        case immediate

        /// All its processes are killed.
        case kill
    }

    static let postgreSQL = ControlledServer(name: "postgresql")
    static let mariaDB = ControlledServer(name: "mariadb")
    static let all = [postgreSQL, mariaDB]

    /// As `Scripts/servers` calls it: `postgresql` or `mariadb`.
    let name: String

    init(name: String) {
        self.name = name
    }

    var description: String { self.name == Self.postgreSQL.name ? "PostgreSQL" : "MariaDB" }

    /// Starts the servers, if they were not yet started.
    static func start() async throws {
        _ = try await FaultServers.variables.value
    }

    /// The server's URL.
    var url: String {
        get async throws {
            let variable = "MAINSTAY_\(name.uppercased())_URL"
            guard let url = try await FaultServers.variables.value[variable] else {
                throw FaultServers.Failure(description: "Scripts/servers start told no \(variable)")
            }
            return url
        }
    }

    /// The server's port on 127.0.0.1, which it keeps.
    var port: Int {
        get async throws {
            guard let port = URLComponents(string: try await url)?.port else {
                throw FaultServers.Failure(description: "no port in the URL of \(name)")
            }
            return port
        }
    }

    /// Stops the server, and waits until it has ended.
    func stop(_ stop: Stop) async throws {
        let signal =
            switch (name, stop) {
            case ("postgresql", .fast): "INT"
            case ("postgresql", .immediate): "QUIT"
            case (_, .fast): "TERM"
            case (_, .immediate), (_, .kill): "KILL"
            }
        try await run("signal", name, signal)
        try await run("await-exit", name)
    }

    /// Starts the server again, on what it has left, and does not wait until it can be used.
    func launch() async throws {
        try await run("launch", name)
    }

    /// Stops the server and starts it again, and does not wait until it can be used.
    func restart(_ stop: Stop) async throws {
        try await self.stop(stop)
        try await launch()
    }

    /// Stops all the server's processes where they are. The system still accepts connections for it.
    func pause() async throws {
        try await run("pause", name)
    }

    /// Lets the server go on after `pause`.
    func resume() async throws {
        try await run("continue", name)
    }

    private func run(_ arguments: String...) async throws {
        try await Self.start()
        _ = try await FaultServers.run(arguments)
    }
}
