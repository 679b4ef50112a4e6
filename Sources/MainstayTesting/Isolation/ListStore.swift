// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Where an ``IsolationWorkload`` keeps its lists.
public protocol ListStore: Sendable {
    /// Executes operations in one transaction.
    ///
    /// - Returns: The operations that were done, with what was read.
    /// - Throws: `commitOutcomeUnknown` if nobody knows whether the transaction was committed; anything else if it
    ///   was not.
    func run(_ operations: [ListOperation]) async throws -> [ListOperation]
}
