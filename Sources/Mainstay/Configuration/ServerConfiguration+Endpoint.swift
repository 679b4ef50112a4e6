// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension ServerConfiguration {
    /// Where a server listens.
    public enum Endpoint: Sendable, Hashable {
        /// A host name or an IP address (IPv6 without brackets), and a port, 1 to 65535.
        case tcp(host: String, port: Int)

        /// A Unix socket, by its absolute path. Where the path is that of a directory, as with PostgreSQL, the port
        /// chooses the socket in it; else it is nil.
        case unixSocket(path: String, port: Int? = nil)
    }

    /// How the URLs of a kind of server give a Unix socket, when not as a host that begins with an encoded slash.
    public enum SocketStyle: Sendable, Hashable {
        /// By a directory, in which the port chooses the socket: `?host=/run/postgresql`.
        case directory(parameter: String)

        /// By the socket itself; a port has no meaning: `?socket=/run/mysqld/mysqld.sock`.
        case file(parameter: String)

        var parameter: String {
            switch self {
            case .directory(let parameter), .file(let parameter): parameter
            }
        }
    }
}

extension ServerConfiguration.Endpoint {
    /// The host or the path of the socket, as ``TLSMode/default(forHost:)`` takes it.
    var host: String {
        switch self {
        case .tcp(let host, _): host
        case .unixSocket(let path, _): path
        }
    }

    func validate() throws(DatabaseError) {
        let port: Int?
        switch self {
        case .tcp(let host, let number):
            try HostName.validate(host)
            port = number
        case .unixSocket(let path, let number):
            guard path.utf8.first == UInt8(ascii: "/"), !path.utf8.contains(0) else {
                throw .misconfigured("the path of the Unix socket does not begin with a slash, or contains U+0000")
            }
            port = number
        }
        if let port, !(1...65535 ~= port) { throw .misconfigured("the port is not a number from 1 to 65535") }
    }
}
