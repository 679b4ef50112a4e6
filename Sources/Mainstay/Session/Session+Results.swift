// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension Session {
    /// Executes a statement that may have several results, as a procedure does, and reads them in order.
    ///
    /// ```swift
    /// let (heads, lines) = try session.results("CALL report(\(year))") { results in
    ///     (try results.next(as: String.self), try results.next(decoding: Line.self))
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - sql: The statement.
    ///   - body: Reads the results. They can be read until it returns.
    /// - Throws: `tooManyResults` if the function has left one unread; ``DatabaseError``; what the function throws, and the rest is then
    ///   discarded.
    public func results<Output>(_ sql: SQL, _ body: (Results) throws -> Output) throws -> Output {
        let entry = try context.start(sql, reading: .rowByRow)
        let results = Results(context, entry)
        let output: Output
        do {
            output = try body(results)
            try context.requireLastResult(entry)
        } catch {
            _ = try? context.finish(entry)
            throw (error as? DatabaseError)?.inStatement(entry.text) ?? error
        }
        _ = try context.finish(entry)
        return output
    }
}
