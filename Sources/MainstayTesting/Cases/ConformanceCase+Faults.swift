// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

extension ConformanceCase {
    /// Faults of the line between a client and a server, at each place of a scope.
    static let faults: [ConformanceCase] = lineFaults + tokenFaults + connectFaults

    private static let lineFaults = [
        ("the line is reset", Fault.reset), ("the server closes the line", .close),
        ("the line falls silent", .blackhole(nil)),
    ].flatMap { name, fault in
        FaultPlace.allCases.map { place in
            ConformanceCase("fault: \(name): \(place.rawValue)", requires: .server, configuration: .faults) {
                _,
                backend in
                try await backend.suffer(fault, at: place, .faults)
            }
        }
    }

    /// With a row for each commit, its outcome is known on every database.
    private static let tokenFaults = [("the line is reset", Fault.reset), ("the line falls silent", .blackhole(nil))]
        .flatMap { name, fault in
            [FaultPlace.commitUnheard, .commitUnanswered].map { place in
                ConformanceCase("fault: \(name), commits leave rows: \(place.rawValue)", requires: .server) {
                    _,
                    backend in
                    var configuration = DatabaseConfiguration.faults
                    configuration.commitResolution = .byToken()
                    try await backend.suffer(fault, at: place, configuration)
                }
            }
        }

    private static let connectFaults: [ConformanceCase] =
        [
            ConformanceCase("fault: a slow line that delivers byte by byte", requires: .server) { _, backend in
                try await backend.withDatabase(.conformance, through: .plaintext) { database, proxy in
                    proxy.inject(.slice(nil, bytes: 1, pause: .zero), when: .accepted, times: .max)
                    try await database.makePeople()
                    try await database.write { session in
                        try session.addPerson("a")
                        try session.addPerson("b")
                    }
                    #expect(try await database.people() == ["a", "b"])
                    #expect(database.statistics.retries == 0)
                }
            },
            ConformanceCase(
                "fault: a firewall forgets connections that rest, and keep-alive finds out",
                requires: .server
            ) { _, backend in
                var configuration = DatabaseConfiguration.faults
                configuration.pool.keepAlivePeriod = .milliseconds(200)
                configuration.pool.checkTimeout = .milliseconds(300)
                try await backend.withDatabase(configuration, through: .plaintext) { database, proxy in
                    try await database.makePeople()
                    try await database.warmUp(2)
                    #expect(proxy.inject(.blackhole(nil)) == 2)
                    try await Task.sleep(for: .seconds(1))
                    // Neither a timeout nor a repetition.
                    try await database.write { session in _ = try session.addPerson("a") }
                    #expect(database.statistics.retries == 0)
                    proxy.heal()
                    #expect(try await database.people() == ["a"])
                }
            },
            ConformanceCase(
                "fault: the connection of an unmanaged session dies between two transactions",
                requires: .server
            ) { _, backend in
                try await backend.withDatabase(.faults, through: .plaintext) { database, proxy in
                    try await database.makePeople()
                    try await database.withSession { session in
                        try session.addPerson("a")
                        try session.commit()
                        proxy.inject(.close)
                        try await Task.sleep(for: .milliseconds(50))
                        // Nothing was sent, and nothing is lost.
                        try session.addPerson("b")
                        try session.commit()
                        let hasVariables = !backend.dialect.capabilities.contains(.arrays)
                        try session.execute(SQL(raw: hasVariables ? "SET @x = 1" : "SET x.y = '1'"))
                        try session.commit()
                        proxy.inject(.close)
                        try await Task.sleep(for: .milliseconds(50))
                        // What was set is lost, and that is told, once.
                        let error = expectError(.connectionLost) { try session.addPerson("c") }
                        #expect(error?.phase == .notSent)
                        try session.addPerson("d")
                        try session.commit()
                    }
                    #expect(try await database.people() == ["a", "b", "d"])
                }
            },
            ConformanceCase("fault: nobody listens for a while", requires: .server) { _, backend in
                try await backend.withDatabase(.faults, through: .plaintext) { database, proxy in
                    try await database.makePeople()
                    proxy.refuse()
                    proxy.inject(.reset)
                    async let writing: Void = database.write { session in _ = try session.addPerson("a") }
                    try await Task.sleep(for: .milliseconds(300))
                    try proxy.accept()
                    try await writing
                    #expect(try await database.people() == ["a"])
                }
            },
        ]
        + [
            ("is reset", Fault.reset), ("is closed", .close), ("falls silent", .blackhole(nil)),
        ].flatMap { name, fault in
            [
                ("when it is opened", FaultTrigger.accepted, FaultLine.plaintext),
                ("in TLS", .bytes(.toClient, 300), .tls),
                ("in the log-in", .bytes(.toServer, 40), .plaintext),
                ("in the log-in over TLS", .bytes(.toServer, 700), .tls),
            ].map { place, trigger, line in
                ConformanceCase("fault: a connection \(name) \(place)", requires: .server) { _, backend in
                    try await backend.withDatabase(.faults, through: line) { database, proxy in
                        let injection = proxy.inject(fault, when: trigger)
                        try await database.makePeople()
                        try await database.write { session in _ = try session.addPerson("a") }
                        #expect(injection.hasFired)
                        #expect(try await database.people() == ["a"])
                        #expect(database.statistics.connectionsFailed == 1)
                    }
                }
            }
        }
}

extension DatabaseConfiguration {
    /// Short times, for faults that are silent.
    static let faults: DatabaseConfiguration = {
        var configuration = conformance
        configuration.pool.size = 2
        configuration.pool.connectTimeout = .seconds(2)
        configuration.statementTimeout = .seconds(2)
        return configuration
    }()
}

extension ConformanceBackend {
    /// Has a write scope suffer a fault, and sees what comes of it.
    fileprivate func suffer(
        _ fault: Fault,
        at place: FaultPlace,
        _ configuration: DatabaseConfiguration
    ) async throws {
        try await withDatabase(configuration, through: .plaintext) { database, proxy in
            if configuration.commitResolution == .byToken() { try await database.createCommitTable() }
            try await database.makePeople()
            if place == .stream {
                try await database.write { session in
                    try session.execute(each: 1000..<3000) { "INSERT INTO people (name) VALUES (\("r\($0)"))" }
                }
            }
            let injection = place.trigger.map { proxy.inject(fault, when: $0) }
            if place == .idle { #expect(proxy.inject(fault) > 0) }
            let outcome: FaultOutcome
            do {
                try await database.write { session in
                    try session.addPerson(FaultPlace.first)
                    if place == .stream {
                        var count = 0
                        for try await _ in session.query(
                            "SELECT name FROM people WHERE name LIKE 'r%'",
                            as: String.self
                        ) {
                            count += 1
                        }
                        #expect(count == 2000)
                    }
                    try session.addPerson(FaultPlace.second)
                }
                outcome = .healed
            } catch let error as DatabaseError {
                outcome = error.code == .commitOutcomeUnknown ? .unknown : .reported
                if outcome == .reported { #expect(error.code == .timeout, "\(error)") }
                #expect(!error.isConnectionUsable)
            }
            proxy.heal()
            #expect(injection?.hasFired != false)
            let people = try await database.query(
                "SELECT name FROM people WHERE name NOT LIKE 'r%' ORDER BY name",
                as: String.self
            )
            let both = [FaultPlace.first, FaultPlace.second]
            switch outcome {
            case .healed: #expect(people == both)
            case .reported: #expect(people == [])
            case .unknown: #expect(people == (place == .commitUnanswered ? both : []))
            }
            let isResolved =
                dialect.capabilities.contains(.commitOutcomes) || configuration.commitResolution == .byToken()
            let promised = FaultOutcome.promised(at: place, isSilent: fault == .blackhole(nil), isResolved: isResolved)
            #expect(outcome == promised)
            FaultRecord.note("\(fault)", place, name, outcome)
        }
    }
}
