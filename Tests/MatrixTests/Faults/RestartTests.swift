// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Mainstay
import MainstayTesting
import Synchronization
import Testing

extension ServerFaultTests {
    /// A service under load sees its server restarted, and its callers don't.
    @Suite struct RestartTests {
        /// What the service's callers saw.
        private final class Callers: Sendable {
            private struct State {
                var successes: [ContinuousClock.Instant] = []
                var errors: [String] = []
                var isOver = false
            }

            private let state = Mutex(State())

            var successes: [ContinuousClock.Instant] { state.withLock { $0.successes } }
            var errors: [String] { state.withLock { $0.errors } }
            var isOver: Bool {
                get { state.withLock { $0.isOver } }
                set { state.withLock { $0.isOver = newValue } }
            }

            func call(_ scope: () async throws -> Void) async {
                do {
                    try await scope()
                    state.withLock { $0.successes.append(.now) }
                } catch {
                    state.withLock { $0.errors.append("\(error)") }
                }
            }
        }

        @Test(arguments: ControlledServer.all)
        func `callers see no restart`(_ server: ControlledServer) async throws {
            var configuration = DatabaseConfiguration.faulty
            configuration.commitResolution = .byToken()
            configuration.scopeTimeout = .seconds(60)
            let stops: [ControlledServer.Stop] = [.fast, .immediate, .kill, .fast, .kill]
            let leftovers = try await FaultyService.with(server, configuration) { service in
                try await service.database.createCommitTable()
                try await service.database.execute(
                    "CREATE TABLE notes (id \(type: .generatedKey), note \(type: .int32))"
                )
                let callers = Callers()
                let database = service.database
                let tasks = (0..<8).map { task in
                    Task<Void, Never> {
                        while !callers.isOver {
                            await callers.call {
                                if task.isMultiple(of: 2) {
                                    _ = try await database.query("SELECT count(*) FROM notes", as: Int.self)
                                } else {
                                    try await database.execute("INSERT INTO notes (note) VALUES (\(Int32(task)))")
                                }
                            }
                            try? await Task.sleep(for: .milliseconds(2))
                        }
                    }
                }
                var recoveries: [Duration] = []
                for stop in stops {
                    try await Task.sleep(for: .milliseconds(700))
                    try await server.stop(stop)
                    if ServerFaultTests.isLong { try await Task.sleep(for: .seconds(10)) }
                    try await server.launch()
                    let accepted = try await accepting(service)
                    for _ in 0..<2000 where callers.successes.last.map({ $0 < accepted }) ?? true {
                        try await Task.sleep(for: .milliseconds(5))
                    }
                    let first = try #require(callers.successes.first { $0 >= accepted })
                    recoveries.append(first - accepted)
                }
                callers.isOver = true
                for task in tasks { await task.value }
                let (successes, errors) = (callers.successes.count, callers.errors)
                let milliseconds = recoveries.map { "\(Int($0 / .milliseconds(1)))" }.joined(separator: ", ")
                report(
                    """
                    five restarts of \(server): \(successes) scopes succeeded, \(errors.count) failed, \
                    \(service.database.statistics.retries) repetitions; first success \(milliseconds) ms after the \
                    server accepted
                    """
                )
                #expect(errors == [])
                // Not a measurement, but what would be a pool that sleeps.
                #expect(recoveries.allSatisfy { $0 < .seconds(6) })
            }
            #expect(leftovers == FaultyService.Leftovers())
        }

        /// When the server takes log-ins again.
        private func accepting(_ service: FaultyService) async throws -> ContinuousClock.Instant {
            for _ in 0..<6000 {
                let connected = await Task.detached {
                    let request = ConnectRequest(role: .writer, timeout: .seconds(1))
                    guard let connection = try? service.direct.driver.connect(request) else { return false }
                    connection.close()
                    return true
                }.value
                if connected { return .now }
                try await Task.sleep(for: .milliseconds(2))
            }
            throw FaultServers.Failure(description: "\(service.server) does not come back")
        }
    }
}
