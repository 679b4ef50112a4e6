// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// When a fault happens: what must happen on a connection for the fault to befall that connection.
///
/// Bytes count when they are delivered. What a fault withholds fires nothing.
public enum FaultTrigger: Sendable, Hashable {
    /// When what a trigger waits for is delivered, next to the fault.
    public enum Moment: Sendable, Hashable, CaseIterable {
        /// The fault happens first, and befalls the chunk in which the text ends. Of a text that arrives in several
        /// chunks, the earlier ones were delivered.
        case before

        /// The chunk in which the text ends is delivered, and at once the fault happens.
        case after

        /// The chunk in which the text ends is delivered, and so is all that the other side had sent before it. The
        /// fault happens when the other side answers, and befalls its answer: the other side has acted, and nobody
        /// hears of it.
        case answered
    }

    /// So many bytes were delivered in a direction, counted from the connection's beginning: exactly so many, and the
    /// fault befalls the next one.
    case bytes(FaultProxy.Direction, Int)

    /// A text is sent in a direction, perhaps in several chunks.
    case text(FaultProxy.Direction, String, Moment)

    /// A client connects. Nothing was delivered yet, and the server was not yet asked for a connection.
    case accepted
}
