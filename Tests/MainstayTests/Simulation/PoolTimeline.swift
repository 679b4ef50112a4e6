// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Logging
import MainstayTesting
import Synchronization

@testable import Mainstay

/// A pool's life as a diagram: what is to happen and what is expected in one text, a column for each second.
///
/// ```
/// A       -===
/// B         --==
/// 0       c=====...
/// ```
/// A row with a letter is a task. It asks for a connection where its text begins, waits for it at each `-`, has it at each `=`,
/// and gives it back; `!` is where it gets an error instead, and `x` where it is cancelled.
///
/// A row with a number is a connection: `c` is being opened, `.` rests, `=` is leased, `?` is being pinged, `r` is being reset, `~`
/// is being closed.
///
/// The row `server` says when the server is away, by `x`; a connection that is used or pinged then is lost. The row `pool` has what
/// the operator does: `s` suspends, `u` resumes, `e` evicts, `E` evicts at once, `C` closes.
///
/// Each column shows what is the case in the middle of its second; what happens does so at its beginning.
final class PoolTimeline: @unchecked Sendable { // touched only by the thread that runs the scheduler
    private let rows: [(name: String, text: [Character])]
    private let scheduler = SimulatedScheduler(seed: 1)
    private let server: SimulatedServer
    private let database: Database
    private var states: [String: Character] = [:]
    private var drawn: [String: [Character]] = [:]

    /// - Parameters:
    ///   - connecting: How many seconds opening a connection takes.
    ///   - working: How many seconds a ping, a reset or closing takes.
    init(
        _ diagram: String,
        connecting: Int = 1,
        working: Int = 0,
        _ configure: (inout PoolConfiguration) -> Void
    ) throws {
        rows = diagram.split(separator: "\n").map { line in
            let name = line.prefix { $0 != " " }
            return (String(name), Array(line.dropFirst(Self.margin)))
        }
        server = SimulatedServer(scheduler)
        server.odds = .none
        server.delay = { .seconds($0 ? connecting : working) }
        var pool = PoolConfiguration()
        pool.keepAlivePeriod = nil
        pool.pingAfter = nil
        pool.maxLifetime = nil
        pool.idleTimeout = nil
        configure(&pool)
        var environment = server.environment()
        environment.random = { 0 }
        environment.backoff = Backoff(first: .seconds(2), limit: .seconds(2))
        database = try Database(
            driver: server,
            configuration: DatabaseConfiguration(
                pool: pool,
                retry: .never,
                logger: Logger(label: "timeline") { _ in SwiftLogNoOpLogHandler() }
            ),
            environment: environment
        )
    }

    /// Where the columns begin.
    private static let margin = 8

    /// Runs what the diagram says, and draws what came of it.
    func run() -> String {
        let width = rows.map(\.text.count).max() ?? 0
        for row in rows { plan(row.name, row.text) }
        for column in 0..<width {
            let middle = Duration.milliseconds(column * 1000 + 500)
            while scheduler.step(until: middle) {}
            draw()
        }
        let lines = rows.map { row in
            let text = drawn[row.name].map { String($0) } ?? String(row.text)
            return row.name + String(repeating: " ", count: Self.margin - row.name.count) + text
        }
        return lines.map { $0.trimmingEnd() }.joined(separator: "\n")
    }

    // MARK: - What is to happen

    private func plan(_ name: String, _ text: [Character]) {
        switch name {
        case "server":
            for column in text.indices {
                let isUp = text[column] != "x"
                scheduler.at(.seconds(column)) { [self] in isUp ? server.isUp = true : server.goDown() }
            }
        case "pool":
            for column in text.indices {
                let letter = text[column]
                scheduler.at(.seconds(column)) { [self] in operate(letter) }
            }
        default:
            if name.first?.isLetter == true { planTask(name, text) }
        }
    }

    private func planTask(_ name: String, _ text: [Character]) {
        guard let start = text.firstIndex(where: { $0 != " " }) else { return }
        let hold = Duration.seconds(text.count { $0 == "=" })
        let cancellation = text.firstIndex(of: "x")
        scheduler.at(.seconds(start)) { [self] in
            let task = scheduler.task { [self] in
                states[name] = "-"
                do {
                    try await database.withSession { _ in
                        self.states[name] = "="
                        try await self.scheduler.sleep(until: self.scheduler.now + hold)
                    }
                    states[name] = nil
                } catch {
                    // An error is drawn once, in the column in which it comes.
                    states[name] = (error as? DatabaseError)?.code == .cancelled ? "x" : "!"
                }
            }
            if let cancellation { scheduler.at(.seconds(cancellation)) { task.cancel() } }
        }
    }

    private func operate(_ letter: Character) {
        switch letter {
        case "s": database.suspend()
        case "u": database.resume()
        case "e": database.evictConnections(.afterUse)
        case "E": database.evictConnections(.atOnce)
        case "C": scheduler.task { [self] in await database.close() }
        default: break
        }
    }

    // MARK: - What is drawn

    private func draw() {
        let slots = database.writers.state.withLock { $0.decisions.slots }
        for row in rows {
            switch row.name {
            case "server", "pool": break
            case let name where name.first?.isLetter == true:
                drawn[name, default: []].append(states[name] ?? " ")
                if states[name] == "!" || states[name] == "x" { states[name] = nil }
            case let name:
                let slot = slots.all.first { "\($0.id)" == name }
                drawn[name, default: []].append(slot.map { Self.letter($0.phase) } ?? " ")
            }
        }
    }

    private static func letter(_ phase: PoolSlot.Phase) -> Character {
        switch phase {
        case .connecting: "c"
        case .idle: "."
        case .checking: "?"
        case .leased: "="
        case .resetting: "r"
        case .quarantined: "q"
        case .closing: "~"
        }
    }
}

extension String {
    fileprivate func trimmingEnd() -> String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
