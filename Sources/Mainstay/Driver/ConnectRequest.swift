// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What the pool asks of a driver when it opens a connection.
public struct ConnectRequest: Sendable {
    /// What the connection will be used for.
    public var role: Role
    /// How long connecting may take, authentication included. Greater than zero.
    public var timeout: Duration

    /// Creates a request.
    public init(role: Role, timeout: Duration) {
        self.role = role
        self.timeout = timeout
    }
}
