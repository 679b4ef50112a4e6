// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What a scope was asked to be.
struct Scope: Sendable {
    /// Who begins and ends its transaction.
    enum Kind: Sendable, Hashable, CaseIterable {
        /// `read { }`.
        case read
        /// `write { }`.
        case write
        /// `withSession { }`.
        case unmanaged
    }

    let kind: Kind
    let pool: Pool
    let site: CallSite
    /// How its transactions begin.
    let options: TransactionOptions
    /// How long it may take in all.
    let timeout: Duration?
    let retry: RetryPolicy
    /// Whether its connection is kept alive between transactions.
    let keepsAlive: Bool
    /// Whether it is one statement that reads.
    let isOneQuery: Bool

    init(
        _ kind: Kind,
        _ pool: Pool,
        at site: CallSite,
        _ options: TransactionOptions,
        timeout: Duration?,
        retry: RetryPolicy,
        keepsAlive: Bool = false,
        isOneQuery: Bool = false
    ) {
        self.kind = kind
        self.pool = pool
        self.site = site
        self.options = options
        self.timeout = timeout
        self.retry = retry
        self.keepsAlive = keepsAlive
        self.isOneQuery = isOneQuery
    }
}
