// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
public import Testing

/// One case on one database: the argument of a parameterised test.
public struct ConformanceRun: Sendable, CustomTestStringConvertible {
    /// The case.
    public let conformanceCase: ConformanceCase
    /// The database.
    public let backend: any ConformanceBackend

    /// The case and the database, as in `a write scope commits on PostgreSQL`.
    public var testDescription: String { "\(conformanceCase.name) on \(backend.name)" }

    /// Runs the case in a database of its own.
    public func callAsFunction() async throws {
        try await backend.withDatabase(conformanceCase.configuration) { database in
            try await conformanceCase.body(database, backend)
        }
    }

    /// All cases, or those of a topic, on all databases that have what they require.
    public static func all(
        of topic: ConformanceCase.Topic? = nil,
        on backends: [any ConformanceBackend]
    ) -> [ConformanceRun] {
        let cases = topic.map(ConformanceCase.cases) ?? ConformanceCase.all
        return backends.flatMap { backend in
            cases.compactMap { conformanceCase in
                let capabilities = backend.dialect.capabilities
                guard
                    capabilities.isSuperset(of: conformanceCase.requirement),
                    capabilities.isDisjoint(with: conformanceCase.exclusion)
                else { return nil }
                return ConformanceRun(conformanceCase: conformanceCase, backend: backend)
            }
        }
    }
}
