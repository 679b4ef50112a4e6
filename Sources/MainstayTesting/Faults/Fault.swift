// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What networks and servers do to a connection.
///
/// Faults that last, which are `delay`, `slice`, `blackhole` and `stall`, last until ``FaultProxy/heal()``. Another
/// `delay` or `slice` of the same direction replaces the first.
public enum Fault: Sendable, Hashable {
    /// What arrives from now on, and what was not delivered yet, waits so long, in order. Without a direction: in both.
    ///
    /// It waits beside what arrived before it, and not after: this is a long line, and not a narrow one.
    case delay(FaultProxy.Direction?, Duration)

    /// Delivers so many bytes at a time, with a pause after each. Without a direction: in both.
    case slice(FaultProxy.Direction?, bytes: Int, pause: Duration)

    /// Delivers nothing more, the end of the connection included, and keeps on reading. Without a direction: in both.
    ///
    /// The connection stays open on the side that hears nothing, like one whose peer has lost its power.
    case blackhole(FaultProxy.Direction?)

    /// Delivers nothing more and reads nothing more, so that who sends much can't go on. Without a direction: in both.
    case stall(FaultProxy.Direction?)

    /// Breaks the connection off, on both sides: a RST.
    case reset

    /// Closes the connection, on both sides, as the system does for a process that ends: a FIN, and a RST for what is
    /// sent after it.
    case close

    /// Flips the lowest bit of the byte in the middle of the next chunk that is delivered.
    case corrupt(FaultProxy.Direction)
}
