// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Synchronization

/// A database of the tests' own: it has no memory, writes down what it is asked, and fails where its script says.
final class ScriptedDriver: Driver {
    /// What is asked of a connection, as the log has it.
    struct Call: Sendable {
        /// Connections are numbered from 1 in the order in which they were asked for.
        var connection: Int
        /// `connect`, `begin`, `commit`, `rollback`, `savepoint set x`, `probe`, `reset`, `close`, `script …`, or
        /// `prepare`, `start`, `finish` or `discard` with the statement's text; `cancel`, `abort`, `receipt`, `outcome of 1`,
        /// `terminate 1`.
        var operation: String
    }

    /// What a connection answers.
    struct Answer: Sendable {
        /// Nil is success.
        var error: DatabaseError?
        /// What the server says about the transaction afterwards; nil is what it usually says.
        var state: ServerTransactionState?
        /// Whether the connection is gone afterwards.
        var breaks = false
        /// The statement's columns.
        var columns: [String] = []
        /// The statement's rows.
        var rows: [[CellBox.Content]] = []
        /// Opened before the answer comes.
        var gate: Gate?
        /// What became of a transaction that is asked for.
        var outcome = TransactionOutcome.unknown

        static func fails(_ error: DatabaseError, _ state: ServerTransactionState? = nil) -> Answer {
            Answer(error: error, state: state)
        }

        /// The connection breaks before anything was answered.
        static let breaks = lost(.connectionLost)

        static func lost(_ code: DatabaseError.Code) -> Answer {
            Answer(error: DatabaseError(code, "the connection is gone"), state: .unknown, breaks: true)
        }

        static func rows(_ columns: [String], _ rows: [[CellBox.Content]]) -> Answer {
            Answer(columns: columns, rows: rows)
        }
    }

    private struct State {
        var log: [String] = []
        var connects = 0
        var open: Set<Int> = []
        var mostOpen = 0
        var killed: Set<Int> = []
    }

    let name: String
    let topology: Topology
    let dialect: Dialect
    private let script: @Sendable (Call) -> Answer?
    private let state = Mutex(State())

    /// - Parameter script: The answer to a call; nil is the usual one, which is success.
    init(
        name: String = "Scripted",
        topology: Topology = .uniform,
        capabilities: Capabilities = [],
        script: @escaping @Sendable (Call) -> Answer? = { _ in nil }
    ) {
        self.name = name
        self.topology = topology
        self.script = script
        dialect = Dialect(
            name: name,
            placeholder: .questionMark,
            identifierQuote: "\"",
            identifierLimit: 63,
            parameterLimit: 10,
            emptyList: { _ in "SELECT 1 WHERE 1 = 0" },
            columnType: { "\($0)" },
            capabilities: capabilities
        )
    }

    var location: String { "script" }

    /// What was asked, in order, each call preceded by its connection's number; looks at sockets left out.
    var log: [String] { state.withLock { $0.log.filter { !$0.hasSuffix(" probe") } } }

    /// How often a statement or another call was asked for, on any connection.
    func count(_ operation: String) -> Int {
        state.withLock { $0.log.count { $0.drop { $0 != " " }.dropFirst() == operation } }
    }

    /// The numbers of the connections that are open.
    var open: Set<Int> { state.withLock { $0.open } }

    /// The largest number of connections that were open, or being opened, at the same time.
    var mostOpen: Int { state.withLock { $0.mostOpen } }

    /// Ends a connection from the server's side.
    func kill(_ connection: Int) {
        state.withLock { _ = $0.killed.insert(connection) }
    }

    func isKilled(_ connection: Int) -> Bool {
        state.withLock { $0.killed.contains(connection) }
    }

    func connect(_ request: ConnectRequest) throws(DatabaseError) -> any Connection {
        let number = state.withLock { state in
            state.connects += 1
            state.open.insert(state.connects)
            state.mostOpen = max(state.mostOpen, state.open.count)
            return state.connects
        }
        if let error = answer(number, "connect").error {
            forget(number)
            throw error
        }
        return ScriptedConnection(self, number)
    }

    func answer(_ connection: Int, _ operation: String) -> Answer {
        state.withLock { $0.log.append("\(connection) \(operation)") }
        let answer = script(Call(connection: connection, operation: operation)) ?? Answer()
        answer.gate?.pass()
        return answer
    }

    func note(_ line: String) {
        state.withLock { $0.log.append(line) }
    }

    func forget(_ connection: Int) {
        state.withLock { _ = $0.open.remove(connection) }
    }
}
