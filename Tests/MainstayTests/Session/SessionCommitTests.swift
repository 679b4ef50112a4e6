// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

/// What becomes of a COMMIT without an answer.
@Suite(.timeLimit(.minutes(1)))
struct SessionCommitTests {
    /// A driver that keeps a record of commits, whose first COMMIT is not answered, and which answers the questions for it one
    /// after the other; the last answer is given again.
    private func driver(
        _ outcomes: [ScriptedDriver.Answer],
        receipt: ScriptedDriver.Answer? = nil,
        capabilities: Capabilities = .commitOutcomes
    ) -> ScriptedDriver {
        SessionBench.driver(capabilities: capabilities) { operation, time in
            switch (operation, time) {
            case ("commit", 1): .lost(.commitOutcomeUnknown)
            case ("receipt", 1): receipt
            case ("outcome of 1", _): outcomes.isEmpty ? nil : outcomes[min(time, outcomes.count) - 1]
            default: nil
            }
        }
    }

    private func answer(_ outcome: TransactionOutcome) -> ScriptedDriver.Answer {
        ScriptedDriver.Answer(outcome: outcome)
    }

    private func write(_ database: Database) async throws -> (runs: Int, error: DatabaseError?) {
        let runs = Shared(0)
        do {
            try await database.write { session in
                runs.change { $0 += 1 }
                try session.execute("UPDATE")
            }
            return (runs.value, nil)
        } catch let error as DatabaseError {
            return (runs.value, error)
        }
    }

    @Test("What is found committed is a success, and is not done again")
    func committed() async throws {
        let driver = driver([answer(.committed)])
        let database = try SessionBench.database(driver)
        let (runs, error) = try await write(database)
        #expect(runs == 1)
        #expect(error == nil)
        #expect(database.statistics.commitsFoundDone == 1)
        #expect(driver.log.filter { ["1 receipt", "1 commit"].contains($0) } == ["1 receipt", "1 commit"])
        #expect(driver.log.contains("2 outcome of 1"))
    }

    @Test("What is found rolled back is run again")
    func rolledBack() async throws {
        let driver = driver([answer(.rolledBack)])
        let database = try SessionBench.database(driver)
        let (runs, error) = try await write(database)
        #expect(runs == 2)
        #expect(error == nil)
        #expect(driver.count("commit") == 2)
        #expect(database.statistics.commitsFoundUndone == 1)
        #expect(database.statistics.retriesByReason == [.connectionLost: 1])
    }

    @Test("A scope that goes on after a COMMIT of which nothing is known is not run again")
    func goesOnAfterUnknown() async throws {
        let driver = driver([answer(.unknown)])
        let database = try SessionBench.database(driver)
        let runs = Shared(0)
        let error = await #expect(throws: DatabaseError.self) {
            try await database.write { session in
                runs.change { $0 += 1 }
                try session.execute("UPDATE")
                do {
                    try session.commit()
                } catch {
                    session.rollback()
                }
                throw DatabaseError(.connectionLost, "the same outage")
            }
        }
        // A transient error would invite to do it again.
        #expect(error?.code == .partlyCommitted && error?.isTransient == false)
        #expect((error?.cause as? DatabaseError)?.code == .connectionLost)
        #expect(runs.value == 1)
    }

    @Test("A COMMIT of which nothing is known is not told to be rolled back by the next one")
    func committedTwice() async throws {
        let database = try SessionBench.database(driver([answer(.unknown)]))
        let error = await #expect(throws: DatabaseError.self) {
            try await database.write { session in
                try session.execute("UPDATE")
                try? session.commit()
            }
        }
        #expect(error?.code == .commitOutcomeUnknown)
    }

    @Test("What the server can't tell is thrown, and nothing is run again")
    func unknown() async throws {
        let driver = driver([answer(.unknown)])
        let database = try SessionBench.database(driver)
        let (runs, error) = try await write(database)
        #expect(runs == 1)
        #expect(error?.code == .commitOutcomeUnknown)
        #expect(driver.count("outcome of 1") == 1)
        #expect(database.statistics.commitsUnknown == 1)
    }

    @Test("It is asked again while the server has not decided, or can't be reached")
    func again() async throws {
        let driver = driver([answer(.pending), .breaks, answer(.pending), answer(.committed)])
        let database = try SessionBench.database(driver)
        let (runs, error) = try await write(database)
        #expect(runs == 1)
        #expect(error == nil)
        // The second question broke its connection.
        #expect(driver.log.filter { $0.hasSuffix("outcome of 1") }.map { $0.prefix(1) } == ["2", "2", "3", "3"])
    }

    @Test("It is asked no longer than the policy says")
    func timeout() async throws {
        let driver = driver([answer(.pending)])
        let clock = ManualClock()
        var resolution = CommitResolution.byServer
        resolution.timeout = .seconds(3)
        let database = try SessionBench.database(driver, commitResolution: resolution, clock: clock)
        let (runs, error) = try await write(database)
        #expect(runs == 1)
        #expect(error?.code == .commitOutcomeUnknown)
        #expect(clock.now.offset >= .seconds(3))
        #expect(clock.now.offset < .seconds(4))
    }

    @Test("A transaction that wrote nothing is run again, for it does not matter what became of it")
    func nothingWritten() async throws {
        let driver = driver([], receipt: .rows(["nothing"], [[.integer(1)]]))
        let (runs, error) = try await write(try SessionBench.database(driver))
        #expect(runs == 2)
        #expect(error == nil)
        #expect(driver.count("outcome of 1") == 0)
    }

    @Test("Nothing is asked where the policy says so, where the database can't tell, and where nothing is written")
    func notAsked() async throws {
        let never = driver([answer(.committed)])
        #expect(
            try await write(try SessionBench.database(never, commitResolution: .never)).error?.code
                == .commitOutcomeUnknown
        )
        let unable = driver([answer(.committed)], capabilities: [])
        #expect(try await write(try SessionBench.database(unable)).error?.code == .commitOutcomeUnknown)
        let reading = driver([answer(.committed)])
        try await SessionBench.database(reading).read { _ = try $0.execute("SELECT") }
        for driver in [never, unable, reading] {
            #expect(driver.count("receipt") == 0)
            #expect(driver.count("outcome of 1") == 0)
        }
    }

    @Test("An unmanaged session is told what became of its COMMIT, and goes on")
    func unmanaged() async throws {
        let found = driver([answer(.committed)])
        try await SessionBench.database(found).withSession { session in
            try session.execute("UPDATE")
            try session.commit()
            try session.execute("NEXT")
            try session.commit()
        }
        #expect(found.log.contains("2 start NEXT"))
        let lost = driver([answer(.rolledBack)])
        try await SessionBench.database(lost).withSession { session in
            try session.execute("UPDATE")
            let error = #expect(throws: DatabaseError.self) { try session.commit() }
            #expect(error?.code == .connectionLost)
            #expect(error?.isTransient == true)
            #expect(throws: DatabaseError.self) { try session.execute("NEXT") }
            session.rollback()
            try session.execute("NEXT")
            try session.commit()
        }
        #expect(lost.log.contains("2 commit"))
    }

    @Test("A session whose settings went with a connection that had committed is told so, once")
    func settingsLost() async throws {
        let driver = driver([answer(.committed)])
        try await SessionBench.database(driver).withSession { session in
            try session.execute("SET a = 1")
            try session.execute("UPDATE")
            try session.commit()
            let error = #expect(throws: DatabaseError.self) { try session.execute("NEXT") }
            #expect(error?.code == .connectionLost)
            #expect(error?.phase == .notSent)
            try session.execute("NEXT")
            try session.commit()
        }
        #expect(driver.count("start NEXT") == 1)
    }

    @Test("Where nothing can be found out, nobody waits for a server that is gone")
    func noWait() async throws {
        let clock = ManualClock()
        let driver = SessionBench.driver { operation, time in
            switch (operation, time) {
            case ("commit", 1): .lost(.commitOutcomeUnknown)
            case ("connect", 2...): .fails(DatabaseError(.cannotConnect, "gone"))
            default: nil
            }
        }
        let (_, error) = try await write(try SessionBench.database(driver, clock: clock))
        #expect(error?.code == .commitOutcomeUnknown)
        #expect(clock.now.offset == .zero)
        #expect(driver.count("connect") == 1)
    }

    @Test("A server that turns out not to keep records commits all the same, and its lost COMMITs are unknown")
    func noRecords() async throws {
        let refusal = ScriptedDriver.Answer.fails(DatabaseError(.unsupported, "no records"), .active)
        let fine = SessionBench.driver(capabilities: .commitOutcomes) { operation, _ in
            operation == "receipt" ? refusal : nil
        }
        let (_, none) = try await write(try SessionBench.database(fine))
        #expect(none == nil)
        let (runs, error) = try await write(try SessionBench.database(driver([], receipt: refusal)))
        #expect(runs == 1)
        #expect(error?.code == .commitOutcomeUnknown)
    }

    // MARK: - Tokens

    private static let insertion = #"INSERT INTO "mainstay_commits" (id, kind, made) VALUES (?, ?, ?)"#
    private static let question = #"SELECT kind FROM "mainstay_commits" WHERE id = ?"#

    /// A driver whose first COMMIT is not answered, and which answers the tombstone.
    private func driver(tombstone: ScriptedDriver.Answer?, kind: Int64? = nil) -> ScriptedDriver {
        SessionBench.driver(capabilities: .server) { operation, time in
            switch (operation, time) {
            case ("commit", 1): .lost(.commitOutcomeUnknown)
            case ("start \(Self.insertion)", 2): tombstone
            case ("start \(Self.question)", _): .rows(["kind"], kind.map { [[.integer($0)]] } ?? [])
            default: nil
            }
        }
    }

    private static let duplicate = ScriptedDriver.Answer.fails(DatabaseError(.uniqueViolation, "there"), .failed)

    @Test("A tombstone that finds the transaction's row says that it was committed")
    func tokenFound() async throws {
        let driver = driver(tombstone: Self.duplicate, kind: 1)
        let (runs, error) = try await write(try SessionBench.database(driver, commitResolution: .byToken()))
        #expect(runs == 1)
        #expect(error == nil)
        let ended = try #require(driver.log.firstIndex(of: "2 terminate 1"))
        let asked = try #require(driver.log.firstIndex(of: "2 start \(Self.insertion)"))
        #expect(ended < asked)
    }

    @Test("A tombstone that finds none, or an earlier tombstone, says that it never will be committed")
    func tokenMissing() async throws {
        for driver in [driver(tombstone: nil), driver(tombstone: Self.duplicate, kind: 0)] {
            let (runs, error) = try await write(try SessionBench.database(driver, commitResolution: .byToken()))
            #expect(runs == 2)
            #expect(error == nil)
        }
    }

    @Test("The tombstone's own COMMIT may be lost as well: then it is found")
    func tombstoneLost() async throws {
        let driver = SessionBench.driver(capabilities: .server) { operation, time in
            switch (operation, time) {
            case ("commit", 1), ("commit", 2): .lost(.commitOutcomeUnknown)
            case ("start \(Self.insertion)", 3): Self.duplicate
            case ("start \(Self.question)", _): .rows(["kind"], [[.integer(0)]])
            default: nil
            }
        }
        let (runs, error) = try await write(try SessionBench.database(driver, commitResolution: .byToken()))
        #expect(runs == 2)
        #expect(error == nil)
    }

    @Test("A row that somebody has removed says nothing")
    func tokenRemoved() async throws {
        let driver = driver(tombstone: Self.duplicate)
        let (runs, error) = try await write(try SessionBench.database(driver, commitResolution: .byToken()))
        #expect(runs == 1)
        #expect(error?.code == .commitOutcomeUnknown)
    }

    @Test("A missing table of commits is told with what to do, and nothing is committed")
    func tokenTableMissing() async throws {
        let driver = SessionBench.driver(capabilities: .server) { operation, _ in
            operation == "prepare \(Self.insertion)"
                ? .fails(DatabaseError(.undefinedObject, "no table"), .active) : nil
        }
        let (_, error) = try await write(try SessionBench.database(driver, commitResolution: .byToken()))
        #expect(error?.code == .undefinedObject)
        #expect(error?.hint?.contains("createCommitTable") == true)
        #expect(driver.count("commit") == 0)
    }

    @Test("Tokens are never the same")
    func tokens() {
        var generator = SplitMix64(state: 1)
        let tokens = (0..<1000).map { _ in CommitToken(table: "t") { generator.unit() }.id }
        #expect(Set(tokens).count == 1000)
        #expect(tokens.allSatisfy { $0.count == 32 && $0.allSatisfy(\.isHexDigit) })
    }
}
