// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

/// Who runs next among scopes that met a conflict: the value alone, without tasks and without time that passes.
struct ConflictLinesTests {
    /// The value behind a reference, for an expectation can't change a value.
    private final class Lines {
        private var value = ConflictLines()

        var isEmpty: Bool { value.isEmpty }
        var nextPassing: Duration? { value.nextPassing }

        func mayRunFree(at site: CallSite) -> Bool { value.mayRunFree(at: site) }

        func ranFree(at site: CallSite, metConflict: Bool) { value.ranFree(at: site, metConflict: metConflict) }

        func lineUp(_ ticket: Int, at site: CallSite, until deadline: Duration?, now: Duration) -> Bool {
            value.lineUp(ticket, at: site, until: deadline, now: now)
        }

        func hasTurn(_ ticket: Int, at site: CallSite) -> Bool { value.hasTurn(ticket, at: site) }

        func leave(_ ticket: Int, at site: CallSite, now: Duration) -> ConflictLines.Call? {
            value.leave(ticket, at: site, now: now)
        }

        func pass(now: Duration) -> [ConflictLines.Call] { value.pass(now: now) }
    }

    private let site = CallSite(fileID: "Shop/Orders.swift", line: 1)
    private let other = CallSite(fileID: "Shop/Orders.swift", line: 2)

    private func heated(_ conflicts: Int = 8) -> Lines {
        let lines = Lines()
        for _ in 0..<conflicts { lines.ranFree(at: site, metConflict: true) }
        return lines
    }

    @Test func `Scopes run free where none has met a conflict, and nothing is kept of them`() {
        let lines = Lines()
        #expect(lines.mayRunFree(at: site))
        lines.ranFree(at: site, metConflict: false)
        #expect(lines.isEmpty && lines.nextPassing == nil)
    }

    @Test func `Those in line have the turn one after the other, first come, first served`() {
        let lines = Lines()
        #expect(lines.lineUp(1, at: site, until: nil, now: .zero))
        #expect(!lines.lineUp(2, at: site, until: nil, now: .zero))
        #expect(!lines.lineUp(3, at: site, until: nil, now: .zero))
        #expect(lines.hasTurn(1, at: site) && !lines.hasTurn(2, at: site))
        #expect(lines.leave(1, at: site, now: .zero) == .turn(2))
        #expect(lines.leave(2, at: site, now: .zero) == .turn(3))
        #expect(lines.leave(3, at: site, now: .zero) == nil)
        #expect(lines.isEmpty)
    }

    @Test func `Each call site has a line of its own`() {
        let lines = Lines()
        #expect(lines.lineUp(1, at: site, until: nil, now: .zero))
        #expect(lines.lineUp(2, at: other, until: nil, now: .zero))
        #expect(lines.leave(1, at: site, now: .zero) == nil)
        #expect(lines.hasTurn(2, at: other))
    }

    @Test func `Who gives up in line is not called`() {
        let lines = Lines()
        #expect(lines.lineUp(1, at: site, until: nil, now: .zero))
        #expect(!lines.lineUp(2, at: site, until: nil, now: .zero))
        #expect(!lines.lineUp(3, at: site, until: nil, now: .zero))
        #expect(lines.leave(2, at: site, now: .zero) == nil)
        #expect(lines.leave(1, at: site, now: .zero) == .turn(3))
        #expect(lines.leave(2, at: site, now: .zero) == nil)
    }

    @Test func `A turn lasts a second if others wait, and who had it leaves the next one alone`() {
        let lines = Lines()
        #expect(lines.lineUp(1, at: site, until: nil, now: .zero))
        #expect(lines.nextPassing == nil, "nobody waits")
        #expect(!lines.lineUp(2, at: site, until: nil, now: .milliseconds(1)))
        #expect(lines.nextPassing == .seconds(1))
        #expect(lines.pass(now: .milliseconds(999)) == [])
        #expect(lines.pass(now: .seconds(1)) == [.turn(2)])
        #expect(!lines.hasTurn(1, at: site) && lines.hasTurn(2, at: site))
        #expect(lines.leave(1, at: site, now: .seconds(1)) == nil)
        #expect(lines.hasTurn(2, at: site))
    }

    @Test func `Who waits is late by its own deadline, and the turn goes past it`() {
        let lines = Lines()
        #expect(lines.lineUp(1, at: site, until: nil, now: .zero))
        #expect(!lines.lineUp(2, at: site, until: .milliseconds(10), now: .zero))
        #expect(!lines.lineUp(3, at: site, until: .milliseconds(20), now: .zero))
        #expect(lines.nextPassing == .milliseconds(10))
        #expect(lines.pass(now: .milliseconds(10)) == [.late(2)])
        #expect(lines.nextPassing == .milliseconds(20))
        #expect(lines.leave(1, at: site, now: .milliseconds(11)) == .turn(3))
    }

    @Test func `All that are late at once are told so, and nobody gets a turn that nobody waits for`() {
        let lines = Lines()
        #expect(lines.lineUp(1, at: site, until: nil, now: .zero))
        #expect(!lines.lineUp(2, at: site, until: .milliseconds(10), now: .zero))
        #expect(!lines.lineUp(3, at: site, until: .milliseconds(20), now: .zero))
        #expect(lines.pass(now: .seconds(2)) == [.late(2), .late(3)])
        #expect(lines.hasTurn(1, at: site))
    }

    @Test func `A site is hot once most that ran free met a conflict, and one in sixteen still runs free`() {
        var lines = heated(3)
        #expect(lines.mayRunFree(at: site), "three are no most")
        lines = heated()
        #expect((0..<64).count { _ in lines.mayRunFree(at: site) } == 4)
        #expect(lines.mayRunFree(at: other))
    }

    @Test func `A hot site cools down by those that run free and meet nothing`() {
        let lines = heated(1000)
        for _ in 0..<9 { lines.ranFree(at: site, metConflict: false) }
        #expect((0..<3).allSatisfy { _ in lines.mayRunFree(at: site) })
        for _ in 0..<7 { lines.ranFree(at: site, metConflict: false) }
        #expect(lines.isEmpty)
    }

    @Test func `A site at which one in four meets a conflict stays free`() {
        let lines = Lines()
        for round in 0..<400 {
            #expect(lines.mayRunFree(at: site))
            lines.ranFree(at: site, metConflict: round.isMultiple(of: 4))
        }
    }

    /// The same one for the same seed, which the order of a dictionary does not give.
    private func any(of scopes: [Int: CallSite], _ random: inout SplitMix64) -> (key: Int, value: CallSite)? {
        scopes.sorted { $0.key < $1.key }.randomElement(using: &random)
    }

    /// The value checks its own promises at the end of each event, so that any order of events is a test.
    @Test(arguments: 0..<200 as Range<UInt64>)
    func `At random, everybody in line is called once or has left`(seed: UInt64) {
        var random = SplitMix64(state: seed)
        let lines = Lines()
        var (now, next) = (Duration.zero, 0)
        // Those that wait, those that were called, and where.
        var (waiting, called): ([Int: CallSite], [Int: CallSite]) = ([:], [:])
        func take(_ call: ConflictLines.Call) {
            switch call {
            case .turn(let ticket):
                called[ticket] = waiting.removeValue(forKey: ticket)
                #expect(called[ticket] != nil, "called twice, or after it had left")
            case .late(let ticket): #expect(waiting.removeValue(forKey: ticket) != nil)
            }
        }
        for _ in 0..<400 {
            now += .milliseconds(Int64(random.next() % 200))
            let place = random.next() % 2 == 0 ? site : other
            switch random.next() % 5 {
            case 0, 1:
                next += 1
                let deadline = random.next() % 2 == 0 ? nil : now + .milliseconds(Int64(random.next() % 900))
                if lines.lineUp(next, at: place, until: deadline, now: now) {
                    called[next] = place
                } else {
                    waiting[next] = place
                }
            case 2:
                guard let (ticket, place) = any(of: called, &random) else { continue }
                called[ticket] = nil
                if let call = lines.leave(ticket, at: place, now: now) { take(call) }
            case 3:
                guard let (ticket, place) = any(of: waiting, &random) else { continue }
                waiting[ticket] = nil
                #expect(lines.leave(ticket, at: place, now: now) == nil)
            default:
                lines.pass(now: now).forEach(take)
            }
            lines.ranFree(at: place, metConflict: random.next() % 3 == 0)
            #expect(waiting.isEmpty == (lines.nextPassing == nil))
        }
        // To the end: who leaves calls the next, until nobody is left.
        while let (ticket, place) = called.first {
            called[ticket] = nil
            if let call = lines.leave(ticket, at: place, now: now) { take(call) }
        }
        #expect(waiting.isEmpty)
    }
}
