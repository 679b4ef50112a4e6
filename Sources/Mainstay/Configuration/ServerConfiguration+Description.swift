// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension ServerConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Who connects where, with `***` in place of the password: `app:***@db.example.com:5432/shop, TLS verify-full`.
    public var description: String {
        var text = ""
        if let user {
            text += PercentCoding.encode(user)
            if password != nil { text += ":\(Secret.mask)" }
            text += "@"
        }
        return "\(text)\(location), TLS \(tls.mode)"
    }

    /// Where the database is, as ``Driver/location`` asks for it: `db.example.com:5432/shop`.
    public var location: String {
        "\(endpoint)" + (database.map { "/\(PercentCoding.encode($0))" } ?? "")
    }

    /// The same as ``description``.
    public var debugDescription: String { description }

    /// Nothing but the description, so that `dump` shows no more either.
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}

extension ServerConfiguration.Endpoint: CustomStringConvertible {
    /// The host and port, or the path of the socket in parentheses.
    public var description: String {
        switch self {
        case .tcp(let host, let port): HostName.isIPv6(host) ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unixSocket(let path, let port):
            "(\(PercentCoding.encode(path, keeping: "/")))" + (port.map { ":\($0)" } ?? "")
        }
    }
}
