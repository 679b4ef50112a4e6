// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import Mainstay

/// One behaviour that every driver must show.
public struct ConformanceCase: Sendable {
    /// The behaviour, as a sentence.
    public let name: String
    /// What it belongs to.
    public let topic: Topic
    /// What a database must be able to do for the case to make sense.
    public let requirement: Capabilities
    /// What a database must not be able to do for the case to make sense.
    public let exclusion: Capabilities
    let configuration: DatabaseConfiguration
    let body: @Sendable (Database, any ConformanceBackend) async throws -> Void

    init(
        _ name: String,
        requires requirement: Capabilities = [],
        without exclusion: Capabilities = [],
        configuration: DatabaseConfiguration = .conformance,
        _ body: @escaping @Sendable (Database, any ConformanceBackend) async throws -> Void
    ) {
        self.init(name, topic: .scopes, requirement, exclusion, configuration, body)
    }

    private init(
        _ name: String,
        topic: Topic,
        _ requirement: Capabilities,
        _ exclusion: Capabilities,
        _ configuration: DatabaseConfiguration,
        _ body: @escaping @Sendable (Database, any ConformanceBackend) async throws -> Void
    ) {
        self.name = name
        self.topic = topic
        self.requirement = requirement
        self.exclusion = exclusion
        self.configuration = configuration
        self.body = body
    }

    /// What cases belong to.
    public enum Topic: String, Sendable, CaseIterable {
        /// Managed and unmanaged scopes.
        case scopes
        /// Statements and their parameters.
        case statements
        /// Results.
        case results
        /// Values of every type.
        case types
        /// Transactions, savepoints and what the server says about them.
        case transactions
        /// What transactions see of each other, at each level.
        case isolation
        /// Errors.
        case errors
        /// Lost connections.
        case connections
        /// Cancelled tasks.
        case cancellation
        /// Statements and scopes that take too long.
        case deadlines
        /// The pool.
        case pool
        /// Faults of the line, at each place of a scope.
        case faults
    }

    /// All cases.
    public static let all: [ConformanceCase] = Topic.allCases.flatMap(cases)

    /// The cases of a topic.
    public static func cases(of topic: Topic) -> [ConformanceCase] {
        let cases =
            switch topic {
            case .scopes: scopes + door
            case .statements: statements
            case .results: results
            case .types: types
            case .transactions: transactions + savepoints + serverWord
            case .isolation: isolation + conflicts
            case .errors: errors
            case .connections: connections
            case .cancellation: cancellation
            case .deadlines: deadlines
            case .pool: pool + poolLoad
            case .faults: faults
            }
        return cases.map {
            ConformanceCase($0.name, topic: topic, $0.requirement, $0.exclusion, $0.configuration, $0.body)
        }
    }
}
