// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension Session {
    /// Runs a part of the transaction that can be undone on its own.
    ///
    /// If the function returns, its work is kept as part of the transaction. If it throws, its work is undone, the error is
    /// thrown on, and the transaction goes on. Calls nest to any depth.
    ///
    /// - Throws: What the function throws, unchanged; `transactionRolledBack` if the function swallowed an error that fails
    ///   the transaction on this database.
    @discardableResult
    public func withSavepoint<Result>(_ body: () throws -> Result) throws -> Result {
        let savepoint = try context.setSavepoint()
        let result: Result
        do {
            result = try body()
        } catch {
            context.rollBack(to: savepoint)
            throw error
        }
        try context.release(savepoint)
        return result
    }

    /// Runs a part of the transaction that can be undone on its own and that awaits something else meanwhile.
    ///
    /// If the function returns, its work is kept as part of the transaction. If it throws, its work is undone, the error is
    /// thrown on, and the transaction goes on. Calls nest to any depth.
    ///
    /// - Throws: What the function throws, unchanged; `transactionRolledBack` if the function swallowed an error that fails
    ///   the transaction on this database.
    @_disfavoredOverload
    @discardableResult
    public func withSavepoint<Result>(_ body: () async throws -> Result) async throws -> Result {
        let savepoint = try context.setSavepoint()
        let result: Result
        do {
            result = try await body()
        } catch {
            context.rollBack(to: savepoint)
            throw error
        }
        try context.release(savepoint)
        return result
    }
}
