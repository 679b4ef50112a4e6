// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// The place where one connection's work, and the scope that leases it, runs.
///
/// In production a lane is a thread (``ThreadLane``): blocking there blocks nobody else. Tests have lanes that run on a
/// scheduler of theirs.
public protocol Lane: SerialExecutor {
    /// Runs a function on the lane, after everything that was given to it before.
    func run(_ work: @escaping @Sendable () -> Void)

    /// Ends the lane once everything that was given to it has run. Nothing is given to it afterwards.
    func stop()
}
