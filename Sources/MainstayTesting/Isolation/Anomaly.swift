// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What isolation may fail to prevent, by the names of the literature.
///
/// G0 to G2 are from A. Adya, *Weak Consistency: A Generalized Theory and Optimistic Implementations for Distributed
/// Transactions*, 1999; P4 is from H. Berenson and others, *A Critique of ANSI SQL Isolation Levels*, 1995; OTV, PMP
/// and the nonadjacent cycles are from the work on Hermitage, on highly available transactions and on Elle.
public enum Anomaly: String, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    // MARK: Cycles of dependencies

    /// Dirty write: transactions overwrite each other in different orders.
    case dirtyWrite = "G0"
    /// Circular information flow: transactions read or overwrite each other's writes in a circle.
    case circularInformationFlow = "G1c"
    /// Lost update: two transactions read the same state of a row, and both change the row.
    case lostUpdate = "P4"
    /// Read skew: a transaction reads one thing as it was before another transaction, and another thing as it was
    /// after.
    case readSkew = "G-single"
    /// A circle in which transactions overtake reads of others, but never two one after the other; a long fork is one.
    case longFork = "G-nonadjacent"
    /// Write skew: transactions overtake each other's reads, and change different rows.
    case writeSkew = "G2-item"

    // MARK: Reads of what is not there

    /// Aborted read: a transaction reads what was rolled back.
    case abortedRead = "G1a"
    /// Intermediate read: a transaction reads what another one then changed again.
    case intermediateRead = "G1b"
    /// Fuzzy read: a transaction reads the same thing twice, differently.
    case fuzzyRead = "P2"

    // MARK: What only scripted interleavings show

    /// Observed transaction vanishes: effects of a transaction are seen, and then some of them are not.
    case observedTransactionVanishes = "OTV"
    /// Predicate-many-preceders: a search finds rows that others added since the transaction began.
    case predicateManyPreceders = "PMP"
    /// Write skew over what a search does not find: a row that each of two transactions adds.
    case predicateWriteSkew = "G2"

    // MARK: Wrong at every level

    /// A transaction does not read its own writes.
    case internalInconsistency = "internal"
    /// Two reads of a list disagree about its order.
    case incompatibleOrder = "incompatible-order"
    /// An element is in a list twice.
    case duplicateElement = "duplicate-element"
    /// An element is read that nobody appended.
    case unknownElement = "unknown-element"
    /// An element was appended by a transaction that was done, and is not in the list at the end.
    case lostAppend = "lost-append"

    /// The name in the literature, as in `G-single`.
    public var description: String { rawValue }
}
