// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

package import Mainstay

/// A statement of a ``SimulatedConnection``: `enter ?` and `leave ?` say who uses the connection.
package final class SimulatedStatement: PreparedStatement {
    private let connection: SimulatedConnection
    private let enters: Bool

    init(_ connection: SimulatedConnection, enters: Bool) {
        self.connection = connection
        self.enters = enters
    }

    package var columns: [Column] { [] }

    package func start(_ parameters: [Value], reading: Reading) throws(DatabaseError) {
        guard case .int64(let user)? = parameters.first else {
            throw DatabaseError(.parameterCount, "the user's number is missing")
        }
        if enters { try connection.enter(Int(user)) } else { try connection.leave(Int(user)) }
    }

    package func step() throws(DatabaseError) -> Bool { false }

    package func cell(at index: Int) throws(DatabaseError) -> Cell { .null }

    package func finish() throws(DatabaseError) -> Completion { Completion(affectedRows: 0) }

    package func close() {}
}
