// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension DatabaseError {
    /// How far a statement had come when it failed: what the client can know about it.
    ///
    /// In a transaction the phase matters little, for the server rolls back what was not committed. It matters for a
    /// statement outside of any, ``Session/executeAutocommit(_:)``: one that was not sent or was refused has done
    /// nothing and may be sent again; of one that may have been sent nobody knows.
    public enum Phase: String, Sendable, Hashable, CaseIterable {
        /// Nothing of it was sent.
        case notSent
        /// Some or all of it may have reached the server, which has not answered.
        case maybeSent
        /// The server or library answered that it did not do it.
        case refused
        /// Rows were delivered before it failed.
        case rowsDelivered
    }
}
