// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayTesting
import Testing

/// A database and a level of isolation.
struct IsolationRun: Sendable, CustomTestStringConvertible {
    let backend: any ConformanceBackend
    let isolation: IsolationLevel
    /// The strongest model that forbids nothing which the level is known for.
    let model: ConsistencyModel

    var testDescription: String { "\(isolation) on \(backend.name)" }

    /// Each level of each database that is one; levels at which uncommitted rows are read are none.
    static let all: [IsolationRun] = Backends.all.flatMap { backend in
        levels(of: backend).compactMap { isolation in
            let models: [ConsistencyModel] = [.strictSerializable, .strictSnapshot, .strictReadCommitted]
            let known = backend.anomalies(at: isolation)
            return models.first { $0.forbidden.isDisjoint(with: known) }
                .map { IsolationRun(backend: backend, isolation: isolation, model: $0) }
        }
    }

    private static func levels(of backend: any ConformanceBackend) -> [IsolationLevel] {
        let hasLevels = backend.dialect.capabilities.contains(.isolationLevels)
        return hasLevels ? [.readCommitted, .repeatableRead, .snapshot, .serializable] : [.snapshot]
    }

    /// Where several transactions can be in the middle at the same time.
    static var interleaved: [IsolationRun] {
        all.filter { $0.backend.dialect.capabilities.contains(.concurrentWriters) }
    }
}
