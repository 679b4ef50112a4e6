// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting
import Testing

@testable import MainstayPostgreSQL

struct PostgreSQLReceiptTests {
    typealias Status = PostgreSQLReceipt.Status

    /// The server that gave the number 1000, at 100 s after it was started.
    private static let server = ServerIdentity(
        system: "7",
        timeline: "00000001",
        checkpoint: "0/10",
        isCheckpointOfStart: true,
        nextNumber: 900,
        start: 50,
        forgotAt: 20
    )

    private static let receipt = PostgreSQLReceipt(number: 1000, process: 1, server: server)

    /// The same server with something else here and there.
    private static func server(_ change: (inout ServerIdentity) -> Void) -> ServerIdentity {
        var server = server
        change(&server)
        return server
    }

    private static let restarted = server {
        ($0.checkpoint, $0.isCheckpointOfStart, $0.start) = ("0/20", true, 200)
    }

    private static let restartedSometime = server {
        ($0.checkpoint, $0.isCheckpointOfStart, $0.start, $0.forgotAt) = ("0/30", false, 200, 201)
    }

    /// What a server is like, what its next number was at its last checkpoint, and what becomes of each status.
    struct Case: Sendable, CustomTestStringConvertible {
        var what: String
        var server: ServerIdentity
        var nextNumber: UInt64
        var outcomes: [Status: TransactionOutcome]

        init(
            _ what: String,
            _ server: ServerIdentity,
            next nextNumber: UInt64,
            committed: TransactionOutcome,
            aborted: TransactionOutcome,
            inProgress: TransactionOutcome,
            future: TransactionOutcome,
            forgotten: TransactionOutcome
        ) {
            self.what = what
            self.server = server
            self.server.nextNumber = nextNumber
            self.nextNumber = nextNumber
            outcomes = [
                .committed: committed, .aborted: aborted, .inProgress: inProgress, .future: future,
                .forgotten: forgotten,
            ]
        }

        /// One that all statuses and numbers say the same of.
        static func always(_ what: String, _ server: ServerIdentity, _ outcome: TransactionOutcome) -> [Case] {
            [1000, 1001].map { next in
                Case(
                    what,
                    server,
                    next: next,
                    committed: outcome,
                    aborted: outcome,
                    inProgress: outcome,
                    future: outcome,
                    forgotten: outcome
                )
            }
        }

        var testDescription: String { "\(what), next number \(nextNumber)" }
    }

    /// The server runs since it gave the number: it means this transaction, whatever the last checkpoint says of
    /// numbers. A number of the future contradicts that, and one that is forgotten tells nothing.
    private static func running(_ what: String, _ server: ServerIdentity) -> [Case] {
        [1000, 1001].map { next in
            Case(
                what,
                server,
                next: next,
                committed: .committed,
                aborted: .rolledBack,
                inProgress: .pending,
                future: .unknown,
                forgotten: .unknown
            )
        }
    }

    /// Started anew, and no checkpoint since. The number was not given when it started: what was committed would have
    /// raised the next number above it, so the transaction was lost. Whoever has the number now is another one. (A
    /// number that is not given yet can't be forgotten: no verdict.)
    private static func lost(_ what: String, _ server: ServerIdentity) -> Case {
        Case(
            what,
            server,
            next: 1000,
            committed: .rolledBack,
            aborted: .rolledBack,
            inProgress: .rolledBack,
            future: .rolledBack,
            forgotten: .unknown
        )
    }

    /// The number was given before the start, to this transaction. It is over: under way is at most what was prepared
    /// for two phases, which may still be committed, and a number of the past that is one of the future is a
    /// contradiction.
    private static func known(_ what: String, _ server: ServerIdentity, committed: TransactionOutcome) -> Case {
        Case(
            what,
            server,
            next: 1001,
            committed: committed,
            aborted: .rolledBack,
            inProgress: .unknown,
            future: .unknown,
            forgotten: .unknown
        )
    }

    /// Started anew, and a checkpoint was made since, so that nobody knows which numbers were given before the start.
    /// What is committed may be another one, which got the number after this one was lost. What is aborted was not
    /// committed under this number by anybody. What is under way may be this one, if there was no start but forgotten
    /// statistics.
    private static func doubtful(_ what: String, _ server: ServerIdentity) -> [Case] {
        [1000, 1001].map { next in
            Case(
                what,
                server,
                next: next,
                committed: .unknown,
                aborted: .rolledBack,
                inProgress: .pending,
                future: .unknown,
                forgotten: .unknown
            )
        }
    }

    static let cases: [Case] = [
        running("the same", server),
        running("the same after a checkpoint", server { ($0.checkpoint, $0.isCheckpointOfStart) = ("0/20", false) }),
        // No checkpoint since means no start, whatever became of the statistics.
        running("the same with statistics reset", server { $0.forgotAt = 120 }),
        // An orderly end gives no number twice, and keeps the statistics.
        [lost("restarted in order", restarted), known("restarted in order", restarted, committed: .committed)],
        // After a crash statistics begin after the start.
        [
            lost("restarted after a crash", server(restarted) { $0.forgotAt = 201 }),
            known("restarted after a crash", server(restarted) { $0.forgotAt = 201 }, committed: .committed),
        ],
        // One of its processes crashed, and the main process stayed.
        [
            lost("restarted by itself", server(restarted) { ($0.start, $0.forgotAt) = (50, 150) }),
            known(
                "restarted by itself",
                server(restarted) { ($0.start, $0.forgotAt) = (50, 150) },
                committed: .committed
            ),
        ],
        // The crash may have lost the transaction, and its number been given to another one, before the orderly
        // restart.
        [
            lost("restarted in order after a crash", server(restarted) { $0.forgotAt = 150 }),
            known("restarted in order after a crash", server(restarted) { $0.forgotAt = 150 }, committed: .unknown),
        ],
        // Nobody knows of crashes.
        [
            lost("restarted, without statistics", server(restarted) { $0.forgotAt = nil }),
            known("restarted, without statistics", server(restarted) { $0.forgotAt = nil }, committed: .unknown),
        ],
        doubtful("restarted sometime", restartedSometime),
        doubtful("statistics reset after a checkpoint", server(restartedSometime) { $0.start = 50 }),
        doubtful(
            "without statistics after a checkpoint",
            server(restartedSometime) { ($0.start, $0.forgotAt) = (50, nil) }
        ),
        // Its numbers mean other transactions.
        Case.always("another system", server { $0.system = "8" }, .unknown),
        Case.always("a standby of another system", server { ($0.system, $0.timeline) = ("8", nil) }, .unknown),
        // It may lag, so even what is aborted there may be committed on the primary.
        Case.always("a standby", server { $0.timeline = nil }, .pending),
        // It has become the primary, maybe without the transaction, and gives its number to another one.
        Case.always("another timeline", server { $0.timeline = "00000002" }, .unknown),
        Case.always("another timeline, restarted", server(restarted) { $0.timeline = "00000002" }, .unknown),
    ].flatMap { $0 }

    private static func server(_ server: ServerIdentity, _ change: (inout ServerIdentity) -> Void) -> ServerIdentity {
        var server = server
        change(&server)
        return server
    }

    @Test(arguments: cases)
    func `What a server says of a number means`(_ test: Case) {
        #expect(test.outcomes.count == 5)
        for (status, outcome) in test.outcomes {
            #expect(Self.receipt.outcome(status, of: test.server) == outcome, "\(status)")
        }
    }

    @Test func `Two servers that don't tell of statistics are not the same for that`() {
        let one = Self.server { $0.forgotAt = nil }
        let other = Self.server(one) { ($0.checkpoint, $0.isCheckpointOfStart) = ("0/30", false) }
        let receipt = PostgreSQLReceipt(number: 1000, process: 1, server: one)
        // A crash of one process leaves the start as it was.
        #expect(receipt.outcome(.committed, of: other) == .unknown)
    }

    @Test func `One that was a standby when asked who it is has no timeline to compare`() {
        let receipt = PostgreSQLReceipt(number: 1000, process: 1, server: Self.server { $0.timeline = nil })
        #expect(receipt.outcome(.committed, of: Self.server) == .unknown)
    }

    @Test(
        arguments: [
            ("0:737", 737), ("1:0", 1 << 32), ("4294967295:4294967295", .max), ("", nil), ("737", nil), ("a:1", nil),
            ("1:2:3", nil), ("-1:5", nil),
        ] as [(String, UInt64?)]
    )
    func `A number is written as two`(_ text: String, _ number: UInt64?) {
        #expect(ServerIdentity.number(text) == number)
    }

    @Test(
        arguments: [
            ("committed", .committed), ("aborted", .aborted), ("in progress", .inProgress), (nil, .forgotten),
        ] as [(String?, Status)]
    )
    func `A status has its word`(_ word: String?, _ status: Status) {
        #expect(Status(word) == status)
    }
}
