// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Lets scopes that met a conflict run one after the other, as ``ConflictLines`` decides.
///
/// A scope waits for its turn before it waits for a connection, and so holds nothing meanwhile.
final class ConflictOrder: Sendable {
    /// A scope's place in a line.
    struct Place: Sendable {
        fileprivate let ticket: ConflictLines.Ticket
        fileprivate let site: CallSite
    }

    private enum Answer {
        case turn, late, cancelled
    }

    private struct State {
        var lines = ConflictLines()
        var nextTicket = 0
        var waiters: [ConflictLines.Ticket: CheckedContinuation<Answer, Never>] = [:]
        /// What is to be told to scopes in line whose wait has not quite begun.
        var answers: [ConflictLines.Ticket: Answer] = [:]
    }

    private let environment: PoolEnvironment
    private let alarm: any Alarm
    private let state = Mutex(State())
    private let mayHaveLines = Atomic<Bool>(false)

    /// Whether there is a line. Read without the lock: who reads an old value runs free once more.
    var hasLines: Bool { mayHaveLines.load(ordering: .relaxed) }

    init(_ environment: PoolEnvironment) {
        self.environment = environment
        alarm = environment.makeAlarm(environment.clock)
    }

    /// Where a scope begins that has met nothing yet: in line where most meet a conflict, and nowhere else.
    ///
    /// - Returns: Its place, which it is to leave; nil if it runs free.
    /// - Throws: As ``lineUp(at:until:)``.
    func enter(at site: CallSite, until deadline: Duration?) async throws -> Place? {
        guard !state.withLock({ $0.lines.mayRunFree(at: site) }) else { return nil }
        return try await lineUp(at: site, until: deadline)
    }

    /// Says how a free run has ended.
    func ranFree(at site: CallSite, metConflict: Bool) {
        guard metConflict || hasLines else { return }
        state.withLock { state in
            state.lines.ranFree(at: site, metConflict: metConflict)
            noteLines(state)
        }
    }

    /// Waits in line for a scope's turn.
    ///
    /// - Throws: `cancelled`; `timeout` if the deadline passes first.
    func lineUp(at site: CallSite, until deadline: Duration?) async throws -> Place {
        let now = environment.clock.now()
        let (ticket, isTurn) = state.withLock { state in
            state.nextTicket += 1
            let ticket = state.nextTicket
            let isTurn = state.lines.lineUp(ticket, at: site, until: deadline, now: now)
            noteLines(state)
            return (ticket, isTurn)
        }
        let place = Place(ticket: ticket, site: site)
        if !isTurn { try await wait(place) }
        return place
    }

    /// Whether a scope still has the turn that it got.
    func hasTurn(_ place: Place) -> Bool {
        state.withLock { $0.lines.hasTurn(place.ticket, at: place.site) }
    }

    /// Ends a scope's turn, or its wait.
    func leave(_ place: Place) {
        let now = environment.clock.now()
        let resumption = state.withLock { state in
            let call = state.lines.leave(place.ticket, at: place.site, now: now)
            state.answers[place.ticket] = nil
            noteLines(state)
            return call.flatMap { tell($0, &state) }
        }
        // The alarm is set as long as somebody waits: each who begins to wait sets it, and it sets itself again.
        resumption?()
    }

    /// - Throws: `cancelled` or `timeout`; the place is left then.
    private func wait(_ place: Place) async throws {
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state in
                    let answer = state.answers.removeValue(forKey: place.ticket)
                    if answer == nil { state.waiters[place.ticket] = continuation }
                    return answer
                }
                if let answer { continuation.resume(returning: answer) } else { ring() }
            }
        } onCancel: {
            state.withLock { tell(.cancelled, place.ticket, &$0) }?()
        }
        switch answer {
        case .turn: return
        case .late, .cancelled: leave(place)
        }
        throw answer == .late ? StopReason.scopeTimeout(nil).error : StopReason.cancelled.error
    }

    /// Has the alarm ring when the next turn or wait is over.
    private func ring() {
        guard let next = state.withLock({ $0.lines.nextPassing }) else { return }
        alarm.ring(at: next) { [weak self] in self?.pass() }
    }

    private func pass() {
        let now = environment.clock.now()
        let resumptions = state.withLock { state in
            let calls = state.lines.pass(now: now)
            noteLines(state)
            return calls.compactMap { tell($0, &state) }
        }
        for resume in resumptions { resume() }
        ring()
    }

    private func tell(_ call: ConflictLines.Call, _ state: inout State) -> (@Sendable () -> Void)? {
        switch call {
        case .turn(let ticket): tell(.turn, ticket, &state)
        case .late(let ticket): tell(.late, ticket, &state)
        }
    }

    /// - Returns: What is to be done once the lock is free.
    private func tell(
        _ answer: Answer,
        _ ticket: ConflictLines.Ticket,
        _ state: inout State
    ) -> (@Sendable () -> Void)? {
        guard let waiter = state.waiters.removeValue(forKey: ticket) else {
            state.answers[ticket] = answer
            return nil
        }
        return { waiter.resume(returning: answer) }
    }

    private func noteLines(_ state: borrowing State) {
        mayHaveLines.store(!state.lines.isEmpty, ordering: .relaxed)
    }
}
