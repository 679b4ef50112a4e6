// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CSQLite

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Learns from SQLite what statements do to the transaction and to the session: from its authorizer, which is asked while a statement
/// is compiled, and from its hooks, which are called when a transaction ends.
///
/// SQLite calls it on the lane, from within functions of the library, and never at another time. The driver's own statements are not
/// watched.
final class SQLiteWatch {
    /// What statements have done since it was last asked.
    private var trace: SessionTrace = []
    /// Whether the statements that are compiled and executed now are a user's.
    private var isWatching = false
    /// Whether BEGIN, COMMIT and ROLLBACK are refused.
    private var refusesTransactions = false
    /// What the last compiling saw.
    private(set) var seen: Seen = []

    /// What statements ask for while they are compiled.
    struct Seen: OptionSet {
        let rawValue: UInt8
        /// BEGIN, COMMIT or ROLLBACK.
        static let transaction = Self(rawValue: 1 << 0)
        /// COMMIT or ROLLBACK.
        static let transactionEnd = Self(rawValue: 1 << 2)
        /// Something of the connection's own: a setting, another file, a temporary table.
        static let session = Self(rawValue: 1 << 1)
    }

    /// Has SQLite call this object.
    ///
    /// The connection keeps unowned pointers to it, so ``remove(from:)`` must come before the object's end.
    func install(in database: OpaquePointer) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_set_authorizer(
            database,
            { context, action, first, _, schema, _ in
                guard let watch = SQLiteWatch.from(context), watch.isWatching else { return SQLITE_OK }
                return watch.allows(action, first, schema) ? SQLITE_OK : SQLITE_DENY
            },
            context
        )
        sqlite3_commit_hook(
            database,
            { context in
                SQLiteWatch.from(context)?.ended(.committed)
                // Anything else would turn the commit into a rollback.
                return 0
            },
            context
        )
        sqlite3_rollback_hook(database, { context in SQLiteWatch.from(context)?.ended([]) }, context)
    }

    /// Has SQLite forget this object.
    static func remove(from database: OpaquePointer) {
        sqlite3_set_authorizer(database, nil, nil)
        sqlite3_commit_hook(database, nil, nil)
        sqlite3_rollback_hook(database, nil, nil)
    }

    /// Watches what a function compiles and executes.
    ///
    /// - Parameter refusesTransactions: Whether BEGIN, COMMIT and ROLLBACK are refused.
    func watching<Result, Failure: Error>(
        refusesTransactions: Bool = false,
        _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        seen = []
        (isWatching, self.refusesTransactions) = (true, refusesTransactions)
        defer { (isWatching, self.refusesTransactions) = (false, false) }
        return try body()
    }

    /// Notes that a transaction has ended of which the hooks tell nothing, as they do if it has written nothing.
    func end() {
        trace.insert(.endedTransaction)
    }

    /// Notes that a statement is executed which reaches the session.
    func touch() {
        trace.insert(.touchedSession)
    }

    /// Takes what statements have done since it was last asked.
    func takeTrace() -> SessionTrace {
        guard !trace.isEmpty else { return [] }
        defer { trace = [] }
        return trace
    }

    private func allows(_ action: Int32, _ first: UnsafePointer<CChar>?, _ schema: UnsafePointer<CChar>?) -> Bool {
        switch action {
        case SQLITE_TRANSACTION:
            seen.insert(.transaction)
            if let first, strcmp(first, "BEGIN") != 0 { seen.insert(.transactionEnd) }
            return !refusesTransactions
        case SQLITE_PRAGMA, SQLITE_ATTACH, SQLITE_DETACH, SQLITE_CREATE_TEMP_TABLE, SQLITE_CREATE_TEMP_INDEX,
            SQLITE_CREATE_TEMP_TRIGGER, SQLITE_CREATE_TEMP_VIEW, SQLITE_DROP_TEMP_TABLE, SQLITE_DROP_TEMP_INDEX,
            SQLITE_DROP_TEMP_TRIGGER, SQLITE_DROP_TEMP_VIEW:
            seen.insert(.session)
        case SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE:
            // Also of virtual tables that are temporary, for which there is no action of their own.
            if let schema, strcmp(schema, "temp") == 0 { seen.insert(.session) }
        default:
            break
        }
        return true
    }

    private func ended(_ how: SessionTrace) {
        guard isWatching else { return }
        trace.formUnion(how.union(.endedTransaction))
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> SQLiteWatch? {
        context.map { Unmanaged<SQLiteWatch>.fromOpaque($0).takeUnretainedValue() }
    }
}
