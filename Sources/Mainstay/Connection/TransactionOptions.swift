// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// How a transaction begins.
public struct TransactionOptions: Sendable, Hashable {
    /// What the transaction may see of others. Nil leaves the server's default.
    public var isolation: IsolationLevel?
    /// Whether the transaction may write. The server refuses writes of a read-only transaction.
    public var access: Access
    /// Whether ``Connection/receipt()`` will be asked for, so that the driver can learn by the way what it takes. The session
    /// sets it, by ``DatabaseConfiguration/commitResolution``.
    public var keepsReceipt = false

    /// Creates options.
    public init(isolation: IsolationLevel? = nil, access: Access = .readWrite) {
        self.isolation = isolation
        self.access = access
    }

    /// Whether a transaction may write.
    public enum Access: Sendable, Hashable {
        /// Reading and writing. On SQLite such a transaction takes the write lock at once (`BEGIN IMMEDIATE`).
        case readWrite
        /// Only reading.
        case readOnly
    }
}
