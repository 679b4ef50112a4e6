// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Rows that are fetched as they are asked for, in constant memory.
///
/// ```swift
/// let rows = try session.query("SELECT id FROM events", as: Int.self).rows()
/// while let id = try rows.next() { … }
/// ```
///
/// Until the last row was read or ``discard()`` was called, or the object is gone, the session executes nothing else:
/// that is an error of code `resultPending`.
public final class Rows<Output> {
    @usableFromInline let context: SessionContext
    @usableFromInline let read: (any PreparedStatement) throws(DatabaseError) -> Output
    // Touched on the lane alone, and nothing that reads it calls anything that writes it.
    @exclusivity(unchecked) @usableFromInline var entry: StatementCache.Entry?

    @inlinable
    init(
        _ context: SessionContext,
        _ entry: StatementCache.Entry,
        _ read: @escaping (any PreparedStatement) throws(DatabaseError) -> Output
    ) {
        self.context = context
        self.entry = entry
        self.read = read
    }

    deinit {
        discard()
    }

    /// The next row, or nil after the last.
    ///
    /// - Throws: ``DatabaseError``. After an error the rest is discarded.
    @inlinable
    public func next() throws(DatabaseError) -> Output? {
        guard let entry else { return nil }
        do {
            guard try context.step(entry) else {
                try context.requireLastResult(entry)
                self.entry = nil
                _ = try context.finish(entry)
                return nil
            }
            return try read(entry.statement)
        } catch {
            discard()
            throw error.inStatement(entry.text)
        }
    }

    /// The next rows, at most so many; fewer at the end, and none after it.
    ///
    /// - Parameter limit: The largest number of rows; at least 1.
    /// - Throws: ``DatabaseError``.
    @inlinable
    public func nextBatch(_ limit: Int) throws(DatabaseError) -> [Output] {
        var batch: [Output] = []
        while batch.count < max(1, limit), let row = try next() {
            batch.append(row)
        }
        return batch
    }

    /// Discards the remaining rows, so that the session can go on with something else.
    public func discard() {
        guard let entry else { return }
        self.entry = nil
        // Its failure, such as a broken connection, is told by the session's next statement.
        _ = try? context.finish(entry)
    }
}

@available(*, unavailable, message: "rows stay in the scope of their session")
extension Rows: Sendable {}
