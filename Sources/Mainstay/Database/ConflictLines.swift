// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import DequeModule

/// The lines of scopes that met a conflict, one line for each call site: a value that is told what happens and says who runs next.
///
/// ```
///  free ── conflict ──▶ waiting ── turn ──▶ has the turn ── done ──▶ gone
///                          │                     │
///                   late, cancelled        a second passed
///                          ▼                     ▼
///                        gone              runs on without it
/// ```
///
/// Scopes that race for one row are rolled back all but one, and race again. In line they take turns, and nearly all succeed. The
/// scopes of a call site with many rows seldom meet, so a scope runs free first. Only where most of these free runs failed does a
/// scope line up before it has met anything: the site is *hot*. Some still run free there, so that the site can cool down.
struct ConflictLines: Sendable {
    /// The number of a scope in a line.
    typealias Ticket = Int

    /// Who in a line is called, and why.
    enum Call: Hashable {
        /// It is its turn.
        case turn(Ticket)
        /// Its time is over.
        case late(Ticket)
    }

    private struct Waiter {
        let ticket: Ticket
        let deadline: Duration?
    }

    private struct Turn {
        let ticket: Ticket
        /// When the next one begins beside it: who waits for something else in a scope must not hold up those behind for ever.
        let end: Duration
    }

    private struct Line {
        var turn: Turn?
        var waiting: Deque<Waiter> = []
        /// Grows by two with each free run that met a conflict, and shrinks by one with each that did not.
        var heat = 0
        /// How many scopes came while the site was hot.
        var arrivals = 0

        var isForgettable: Bool { turn == nil && waiting.isEmpty && heat == 0 }
    }

    private static let hottest = 16
    private static let hot = 8
    /// One in so many scopes runs free at a hot site.
    private static let sample = 16
    /// How long a turn lasts, if others wait for it.
    static let turnLength = Duration.seconds(1)

    private var lines: [CallSite: Line] = [:]

    /// Whether no site has met a conflict lately.
    var isEmpty: Bool { lines.isEmpty }

    /// Decides whether a scope that has met nothing yet runs free; if not, it lines up.
    mutating func mayRunFree(at site: CallSite) -> Bool {
        guard let line = lines[site], line.heat >= Self.hot else { return true }
        lines[site]?.arrivals += 1
        return (line.arrivals + 1).isMultiple(of: Self.sample)
    }

    /// A scope has run free.
    mutating func ranFree(at site: CallSite, metConflict: Bool) {
        defer { checkInvariants() }
        if metConflict {
            let heat = lines[site]?.heat ?? 0
            lines[site, default: Line()].heat = min(heat + 2, Self.hottest)
        } else if let heat = lines[site]?.heat, heat > 0 {
            lines[site]?.heat = heat - 1
            forgetIfPossible(site)
        }
    }

    /// A scope lines up.
    ///
    /// - Returns: Whether it is its turn at once; otherwise it waits to be called.
    mutating func lineUp(_ ticket: Ticket, at site: CallSite, until deadline: Duration?, now: Duration) -> Bool {
        defer { checkInvariants() }
        var line = lines[site] ?? Line()
        defer { lines[site] = line }
        guard line.turn != nil else {
            line.turn = Turn(ticket: ticket, end: now + Self.turnLength)
            return true
        }
        line.waiting.append(Waiter(ticket: ticket, deadline: deadline))
        return false
    }

    /// Whether it is still this scope's turn.
    func hasTurn(_ ticket: Ticket, at site: CallSite) -> Bool {
        lines[site]?.turn?.ticket == ticket
    }

    /// A scope is done, or does not wait any more.
    ///
    /// - Returns: Who is called then.
    mutating func leave(_ ticket: Ticket, at site: CallSite, now: Duration) -> Call? {
        defer { checkInvariants() }
        guard let turn = lines[site]?.turn else { return nil }
        guard turn.ticket == ticket else {
            lines[site]?.waiting.removeAll { $0.ticket == ticket }
            return nil
        }
        return next(at: site, now: now)
    }

    /// Time has passed.
    ///
    /// - Returns: Who is called, those that are late among them.
    mutating func pass(now: Duration) -> [Call] {
        defer { checkInvariants() }
        var calls: [Call] = []
        for (site, line) in lines {
            let late = line.waiting.filter { $0.deadline.map { $0 <= now } ?? false }
            if !late.isEmpty {
                lines[site]?.waiting.removeAll { waiter in late.contains { $0.ticket == waiter.ticket } }
                calls += late.map { .late($0.ticket) }
            }
            if let turn = line.turn, turn.end <= now, late.count < line.waiting.count,
                let call = next(at: site, now: now)
            {
                calls.append(call)
            }
        }
        return calls
    }

    /// When time is to be told to have passed; nil if nobody waits.
    var nextPassing: Duration? {
        lines.values.lazy.filter { !$0.waiting.isEmpty }.compactMap { line in
            (line.waiting.compactMap(\.deadline) + [line.turn?.end].compactMap { $0 }).min()
        }.min()
    }

    private mutating func next(at site: CallSite, now: Duration) -> Call? {
        guard let waiter = lines[site]?.waiting.popFirst() else {
            lines[site]?.turn = nil
            forgetIfPossible(site)
            return nil
        }
        lines[site]?.turn = Turn(ticket: waiter.ticket, end: now + Self.turnLength)
        return .turn(waiter.ticket)
    }

    private mutating func forgetIfPossible(_ site: CallSite) {
        if lines[site]?.isForgettable == true { lines[site] = nil }
    }

    /// What holds after each event. Debug builds only.
    private func checkInvariants() {
        assert(lines.values.allSatisfy { $0.turn != nil || $0.waiting.isEmpty }, "some wait, and none has the turn")
        assert(lines.values.allSatisfy { !$0.isForgettable }, "a line is kept of which nothing is to be known")
        assert(lines.values.allSatisfy { 0...Self.hottest ~= $0.heat }, "the heat is out of its range")
        assert(
            lines.values.allSatisfy { line in
                let tickets = line.waiting.map(\.ticket) + [line.turn?.ticket].compactMap { $0 }
                return Set(tickets).count == tickets.count
            },
            "a scope stands twice in a line"
        )
    }
}
