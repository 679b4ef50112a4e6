// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

package import Mainstay

/// A server on a ``SimulatedScheduler`` that refuses, delays, dies and comes back as chance has it, and notices when a
/// connection is used by two at a time, or when there are more than there may be.
///
/// `@unchecked Sendable`: touched only on the scheduler's thread.
package final class SimulatedServer: Driver, @unchecked Sendable {
    /// How likely what is, in percent.
    package struct Odds: Sendable {
        /// A connection can't be opened, for a reason that passes.
        package var refusal = 5
        /// A connection can't be opened, for one that does not.
        package var rejection = 1
        /// A reset fails.
        package var failedReset = 10
        /// A connection is ended by the server while it rests or is used, each time it is asked.
        package var loss = 3
        /// What is done on a lane takes up to a second.
        package var slowness = 30
        /// What is done on a lane takes until the connection is broken off, or twenty seconds.
        package var silence = 2

        package init() {}

        /// All goes well, and takes no time.
        package static let none = Self(refusal: 0, rejection: 0, failedReset: 0, loss: 0, slowness: 0, silence: 0)

        private init(refusal: Int, rejection: Int, failedReset: Int, loss: Int, slowness: Int, silence: Int) {
            self.refusal = refusal
            self.rejection = rejection
            self.failedReset = failedReset
            self.loss = loss
            self.slowness = slowness
            self.silence = silence
        }
    }

    package let name = "Simulated"
    package let topology: Topology
    package let location = "simulation"
    package let dialect: Dialect
    package let scheduler: SimulatedScheduler
    package var odds = Odds()
    package var isUp = true
    package private(set) var open: [SimulatedConnection] = []
    /// The largest number of connections that there were at the same time.
    package private(set) var mostOpen = 0
    /// What should not have happened, the first time that it did.
    package private(set) var fault: String?
    package private(set) var lanes: [SimulatedLane] = []
    private var connects = 0

    package init(_ scheduler: SimulatedScheduler, topology: Topology = .uniform) {
        self.scheduler = scheduler
        self.topology = topology
        dialect = Dialect(
            name: name,
            placeholder: .questionMark,
            identifierQuote: "\"",
            identifierLimit: 63,
            parameterLimit: 10,
            emptyList: { _ in "SELECT 1 WHERE 1 = 0" },
            columnType: { "\($0)" },
            capabilities: .server
        )
        delay = { [unowned self] _ in randomDelay() }
    }

    /// Time, chance and lanes of the scheduler.
    package func environment() -> PoolEnvironment {
        var environment = PoolEnvironment()
        let scheduler = scheduler
        environment.clock = scheduler.clock
        environment.random = { scheduler.generator.unit() }
        environment.makeLane = { [self] _ in makeLane() }
        environment.makeAlarm = { _ in SimulatedAlarm(scheduler) }
        environment.forks = { 0 }
        return environment
    }

    /// How long what is done on a lane takes; by default as the odds have it.
    package var delay: (_ isConnecting: Bool) -> Duration = { _ in .zero }

    private func randomDelay() -> Duration {
        if scheduler.chance(odds.silence) { return .seconds(20) }
        return scheduler.chance(odds.slowness) ? .milliseconds(scheduler.random(0..<1000)) : .zero
    }

    private func makeLane() -> SimulatedLane {
        var isConnecting = true
        let lane = SimulatedLane(scheduler) { [unowned self] in
            defer { isConnecting = false }
            return delay(isConnecting)
        }
        lanes.append(lane)
        return lane
    }

    package func connect(_ request: ConnectRequest) throws(DatabaseError) -> any Connection {
        guard isUp, !scheduler.chance(odds.refusal) else { throw DatabaseError(.cannotConnect, "refused") }
        guard !scheduler.chance(odds.rejection) else { throw DatabaseError(.authenticationFailed, "wrong password") }
        connects += 1
        // The lane that connects is the one that runs.
        let connection = SimulatedConnection(self, connects, lanes.first { $0.isIsolatingCurrentContext() == true })
        open.append(connection)
        mostOpen = max(mostOpen, open.count)
        return connection
    }

    /// Ends all connections, and is away until it is told to come back.
    package func goDown() {
        isUp = false
        open.forEach { $0.die() }
    }

    /// Ends one connection.
    package func killOne() {
        if !open.isEmpty { open[scheduler.random(0..<open.count)].die() }
    }

    func forget(_ connection: SimulatedConnection) {
        open.removeAll { $0 === connection }
    }

    func fail(_ what: String) {
        if fault == nil { fault = what }
    }
}
