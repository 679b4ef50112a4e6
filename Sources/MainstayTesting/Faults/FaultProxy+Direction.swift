// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension FaultProxy {
    /// A direction of a connection.
    public enum Direction: Sendable, Hashable, CaseIterable {
        /// What clients send.
        case toServer

        /// What the server sends.
        case toClient

        var opposite: Direction { self == .toServer ? .toClient : .toServer }
    }
}
