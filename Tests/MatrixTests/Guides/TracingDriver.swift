// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

// #driver
import Mainstay
import Synchronization

/// Opens another driver's connections, and notes every statement that is executed on them.
struct TracingDriver: Driver {
    let base: any Driver
    let trace: Trace

    var name: String { base.name }
    var dialect: Dialect { base.dialect }
    var topology: Topology { base.topology }
    var location: String { base.location }

    func connect(_ request: ConnectRequest) throws(DatabaseError) -> any Connection {
        TracingConnection(try base.connect(request), trace)
    }
}

/// What was executed. Every connection has its own thread, so it is locked.
final class Trace: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func note(_ line: String) {
        lines.withLock { $0.append(line) }
    }
}

// #connection
final class TracingConnection: Connection {
    private let base: any Connection
    private let trace: Trace

    init(_ base: any Connection, _ trace: Trace) {
        self.base = base
        self.trace = trace
    }

    var interrupter: any Interrupter { base.interrupter }
    var isUsable: Bool { base.isUsable }
    var silenceLimit: Duration? { base.silenceLimit }
    var transactionState: ServerTransactionState { base.transactionState }

    func prepare(_ text: String, parameterTypes: [ValueType]) throws(DatabaseError) -> any PreparedStatement {
        TracingStatement(try base.prepare(text, parameterTypes: parameterTypes), text, trace)
    }

    func executeScript(_ text: String) throws(DatabaseError) -> Int {
        trace.note(text)
        return try base.executeScript(text)
    }

    func begin(_ options: TransactionOptions) throws(DatabaseError) {
        trace.note("BEGIN")
        try base.begin(options)
    }

    func commit() throws(DatabaseError) {
        trace.note("COMMIT")
        try base.commit()
    }

    func rollback() throws(DatabaseError) {
        trace.note("ROLLBACK")
        try base.rollback()
    }

    func savepoint(_ action: SavepointAction, _ name: String) throws(DatabaseError) {
        trace.note("\(action) \(name)")
        try base.savepoint(action, name)
    }

    func ping() throws(DatabaseError) { try base.ping() }
    func probe() -> Bool { base.probe() }
    func reset() throws(DatabaseError) -> Bool { try base.reset() }
    func close() { base.close() }
}

// #statement
final class TracingStatement: PreparedStatement {
    private let base: any PreparedStatement
    private let text: String
    private let trace: Trace

    init(_ base: any PreparedStatement, _ text: String, _ trace: Trace) {
        self.base = base
        self.text = text
        self.trace = trace
    }

    var columns: [Column] { base.columns }

    func start(_ parameters: [Value], reading: Reading) throws(DatabaseError) {
        trace.note(text)
        try base.start(parameters, reading: reading)
    }

    func step() throws(DatabaseError) -> Bool { try base.step() }
    func cell(at index: Int) throws(DatabaseError) -> Cell { try base.cell(at: index) }
    func finish() throws(DatabaseError) -> Completion { try base.finish() }

    func executeBatch(_ sets: [[Value]]) throws(DatabaseError) -> Completion {
        trace.note(text)
        return try base.executeBatch(sets)
    }

    func close() { base.close() }
}
