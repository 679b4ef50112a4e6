// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

/// A connection of the ``ScriptedDriver``.
final class ScriptedConnection: Connection {
    /// Writes down that it was asked. `cancel` interrupts nothing and may have a gate; `abort` ends the connection.
    struct LoggingInterrupter: Interrupter {
        let driver: ScriptedDriver
        let number: Int

        func cancel() { _ = driver.answer(number, "cancel") }
        func abort() {
            driver.kill(number)
            _ = driver.answer(number, "abort")
        }
    }

    let driver: ScriptedDriver
    let number: Int
    private(set) var isUsable = true
    private(set) var transactionState = ServerTransactionState.none

    init(_ driver: ScriptedDriver, _ number: Int) {
        self.driver = driver
        self.number = number
    }

    var interrupter: any Interrupter { LoggingInterrupter(driver: driver, number: number) }

    /// Asks the script, and becomes what it says.
    func ask(_ operation: String, then usual: ServerTransactionState? = nil) throws(DatabaseError)
        -> ScriptedDriver.Answer
    {
        var answer = driver.answer(number, operation)
        if !isUsable || driver.isKilled(number), !answer.breaks { answer = .breaks }
        if answer.breaks { isUsable = false }
        if let state = answer.state ?? (answer.error == nil ? usual : nil) { transactionState = state }
        if let error = answer.error { throw error }
        return answer
    }

    func prepare(_ text: String, parameterTypes: [ValueType]) throws(DatabaseError) -> any PreparedStatement {
        _ = try ask("prepare \(text)")
        return ScriptedStatement(self, text)
    }

    func executeScript(_ text: String) throws(DatabaseError) -> Int {
        _ = try ask("script \(text)")
        return 0
    }

    func begin(_ options: TransactionOptions) throws(DatabaseError) {
        _ = try ask(options.access == .readOnly ? "begin read-only" : "begin", then: .active)
    }

    func commit() throws(DatabaseError) {
        _ = try ask("commit", then: ServerTransactionState.none)
    }

    var statementLimit: Duration? {
        get { dialect.contains(.statementLimits) ? limit : nil }
        set { limit = newValue }
    }

    private var limit: Duration?
    private var dialect: Capabilities { driver.dialect.capabilities }

    func receipt() throws(DatabaseError) -> (any TransactionReceipt)? {
        try ask("receipt").rows.isEmpty ? ScriptedReceipt(connection: number) : nil
    }

    func outcome(of receipt: any TransactionReceipt) throws(DatabaseError) -> TransactionOutcome {
        guard let receipt = receipt as? ScriptedReceipt else { return .unknown }
        return try ask("outcome of \(receipt.connection)").outcome
    }

    func terminate(_ other: any Interrupter) throws(DatabaseError) {
        guard let other = other as? LoggingInterrupter else { return }
        _ = try ask("terminate \(other.number)")
    }

    func rollback() throws(DatabaseError) {
        _ = try ask("rollback", then: ServerTransactionState.none)
    }

    func savepoint(_ action: SavepointAction, _ name: String) throws(DatabaseError) {
        _ = try ask("savepoint \(action) \(name)", then: action == .rollback ? .active : nil)
    }

    func ping() throws(DatabaseError) {
        _ = try ask("ping")
    }

    func probe() -> Bool {
        driver.answer(number, "probe").error == nil && !driver.isKilled(number)
    }

    func reset() throws(DatabaseError) -> Bool {
        _ = try ask("reset")
        return true
    }

    func close() {
        guard driver.open.contains(number) else { return }
        _ = driver.answer(number, "close")
        isUsable = false
        transactionState = .unknown
        driver.forget(number)
    }
}

/// A statement of a ``ScriptedConnection``.
final class ScriptedStatement: PreparedStatement {
    private let connection: ScriptedConnection
    private let text: String
    private var answer = ScriptedDriver.Answer()
    private var position = 0
    private var box: CellBox?

    init(_ connection: ScriptedConnection, _ text: String) {
        self.connection = connection
        self.text = text
    }

    var columns: [Column] { answer.columns.map { Column(name: $0) } }

    func start(_ parameters: [Value], reading: Reading) throws(DatabaseError) {
        answer = try connection.ask("start \(text)")
        position = 0
    }

    func step() throws(DatabaseError) -> Bool {
        guard position < answer.rows.count else { return false }
        box = CellBox(answer.rows[position])
        position += 1
        return true
    }

    func cell(at index: Int) throws(DatabaseError) -> Cell {
        guard let box else { throw DatabaseError(.misuse, "there is no row") }
        return box.cells[index]
    }

    func finish() throws(DatabaseError) -> Completion {
        box = nil
        _ = try connection.ask("finish \(text)")
        return Completion(affectedRows: answer.rows.count)
    }

    func close() {
        _ = connection.driver.answer(connection.number, "discard \(text)")
    }
}

/// The connection whose transaction it was.
struct ScriptedReceipt: TransactionReceipt {
    let connection: Int
}
