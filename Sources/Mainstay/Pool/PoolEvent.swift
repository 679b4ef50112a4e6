// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Something that happened in a pool, or to a scope on one of its connections.
public struct PoolEvent: Sendable {
    /// The pool.
    public var role: Role
    /// What happened.
    public var kind: Kind
    /// What the pool was like afterwards.
    public var figures: PoolFigures

    /// What happens in pools. Later versions may add some, so a `switch` needs a `default`.
    public enum Kind: Sendable {
        /// A connection was opened.
        case connected(after: Duration)
        /// A connection could not be opened.
        case connectFailed(DatabaseError, after: Duration)
        /// A scope has to wait for a connection, to be opened or to come back.
        case waiting(at: CallSite)
        /// A scope got its connection.
        case leased(at: CallSite, waited: Duration)
        /// A scope got none.
        case leaseFailed(at: CallSite, DatabaseError, waited: Duration)
        /// A scope ended.
        case returned(at: CallSite, held: Duration)
        /// A connection that rested was pinged.
        case checked(isAlive: Bool)
        /// What a scope left was put back.
        case reset(succeeded: Bool)
        /// A connection was closed.
        case closed(CloseReason)
        /// A scope takes longer than the leak threshold.
        case longLease(at: CallSite, held: Duration)
        /// A connection was lost, and all older ones are suspect.
        case outage
        /// All connections are being replaced.
        case evicted
        /// The pool has another size.
        case resized
        /// No leases begin.
        case suspended
        /// Leases begin again.
        case resumed
        /// The database is being closed.
        case closing
        /// A scope is run again.
        case repeated(at: CallSite, because: DatabaseError, attempt: Int)
        /// A COMMIT was not answered, and this is what was found out about it.
        case commitResolved(TransactionOutcome, after: Duration)
    }
}
