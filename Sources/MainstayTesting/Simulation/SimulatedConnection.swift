// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

package import Mainstay

/// A connection of a ``SimulatedServer``.
package final class SimulatedConnection: Connection {
    /// Kills the connection and wakes its lane.
    ///
    /// `@unchecked Sendable`: touched only on the scheduler's thread.
    private final class Breaker: Interrupter, @unchecked Sendable {
        weak var connection: SimulatedConnection?

        func cancel() {}

        func abort() {
            connection?.die()
            connection?.lane?.wakeUp()
        }
    }

    private let server: SimulatedServer
    package let number: Int
    private weak var lane: SimulatedLane?
    private let breaker = Breaker()
    private var isAlive = true
    private var isClosed = false
    private var user: Int?
    package private(set) var isUsable = true
    package private(set) var transactionState = ServerTransactionState.none

    init(_ server: SimulatedServer, _ number: Int, _ lane: SimulatedLane?) {
        self.server = server
        self.number = number
        self.lane = lane
        breaker.connection = self
    }

    package var interrupter: any Interrupter { breaker }

    /// Is ended by the server.
    func die() {
        isAlive = false
    }

    /// Begins to be used by someone; it must be nobody else's.
    package func enter(_ user: Int) throws(DatabaseError) {
        if let other = self.user { server.fail("connection \(number) is used by \(user) and by \(other)") }
        self.user = user
        try ask("enter")
    }

    /// Ends to be used by someone.
    package func leave(_ user: Int) throws(DatabaseError) {
        if self.user != user { server.fail("connection \(number) was taken from \(user)") }
        self.user = nil
        try ask("leave")
    }

    private func ask(_ what: String) throws(DatabaseError) {
        if server.scheduler.chance(server.odds.loss) { die() }
        guard isAlive, !isClosed else {
            isUsable = false
            user = nil
            transactionState = .unknown
            throw DatabaseError(.connectionLost, "the connection is gone")
        }
    }

    private func requireNobody(_ what: String) {
        if isClosed { server.fail("connection \(number) is asked to \(what) after it was closed") }
        if let user { server.fail("connection \(number) is asked to \(what) while \(user) uses it") }
    }

    package func prepare(_ text: String, parameterTypes: [ValueType]) throws(DatabaseError) -> any PreparedStatement {
        SimulatedStatement(self, enters: text.hasPrefix("enter"))
    }

    package func executeScript(_ text: String) throws(DatabaseError) -> Int {
        try ask("script")
        return 0
    }

    package func begin(_ options: TransactionOptions) throws(DatabaseError) {
        try ask("begin")
        transactionState = .active
    }

    package func commit() throws(DatabaseError) {
        try ask("commit")
        transactionState = .none
    }

    package func rollback() throws(DatabaseError) {
        try ask("roll back")
        transactionState = .none
        // Who was interrupted in between is gone now.
        user = nil
    }

    package func savepoint(_ action: SavepointAction, _ name: String) throws(DatabaseError) {
        try ask("savepoint")
    }

    package func ping() throws(DatabaseError) {
        requireNobody("ping")
        try ask("ping")
    }

    package func probe() -> Bool {
        // What dies silently is not seen without a round trip.
        isAlive || server.scheduler.chance(30)
    }

    package func reset() throws(DatabaseError) -> Bool {
        requireNobody("reset")
        try ask("reset")
        guard !server.scheduler.chance(server.odds.failedReset) else { throw DatabaseError(.other, "no reset") }
        return true
    }

    package func close() {
        guard !isClosed else { return }
        isClosed = true
        isUsable = false
        transactionState = .unknown
        server.forget(self)
    }
}
