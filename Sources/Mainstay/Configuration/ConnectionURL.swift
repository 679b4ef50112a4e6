// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Which database to open, as one line of text: a URL taken apart.
///
/// Two forms are understood.
/// - A server: `scheme://[user[:password]@][host][:port][/database][?name=value&…]`. An IPv6 host stands in brackets. A
///   host that begins with an encoded slash (`%2Frun%2Fpostgresql`) is the path of a Unix socket.
/// - A file: `scheme:relative/path?name=value`, `scheme:///absolute/path`, `scheme::memory:`.
///
/// Everything but the scheme and the port is percent-decoded, and `+` is a plus sign. Nothing is guessed: what can be
/// read in two ways is refused. So `@ : / ? # %` inside of a user or password must be percent-encoded, as
/// ``percentEncoded(_:)`` does, and an `@` stands nowhere else but before the host.
///
/// The description shows `***` for the password and for parameters that look like one. No error quotes a part of the
/// URL other than the scheme and names of parameters.
public struct ConnectionURL: Sendable, Equatable {
    /// What stands before the first colon, in lower case.
    public let scheme: String

    /// Whether the scheme is followed by `//`, and so the URL has a place for a user and a host, even when that is
    /// empty.
    public let hasAuthority: Bool

    /// Who logs in; never empty.
    public let user: String?

    /// The password, which may be empty; only next to a user.
    public let password: Secret?

    /// A host name, an IPv4 address, an IPv6 address without its brackets, or the absolute path of a Unix socket; never
    /// empty.
    public let host: String?

    /// The port, 1 to 65535.
    public let port: Int?

    /// The path, split where a slash is written as a slash. An absolute one begins with an empty segment.
    let pathSegments: [String]

    /// The parameters in the order in which they were written, no two of one name.
    public let parameters: [Parameter]
}

extension ConnectionURL {
    /// Takes a URL apart.
    ///
    /// - Throws: ``DatabaseError/Code/invalidConfiguration`` when the text does not have one of the two forms, when it
    ///   can be read in two ways, or when it contains whitespace, a control character, a fragment (`#…`), a malformed
    ///   escape or a parameter twice.
    public init(_ text: String) throws(DatabaseError) {
        self = try ConnectionURLParser.parse(text)
    }

    /// The path as the URL has it, with its leading slash, or nil when it is empty: `/shop` in `postgresql://db/shop`,
    /// `data/app.db` in `sqlite:data/app.db`.
    public var path: String? {
        let path = pathSegments.joined(separator: "/")
        return path.isEmpty ? nil : path
    }

    /// The name of the database on a server, `shop` in `postgresql://db/shop`, or nil when the URL names none or is of
    /// the form without `//`.
    public var database: String? {
        let name = pathSegments.dropFirst().joined(separator: "/")
        return hasAuthority && !name.isEmpty ? name : nil
    }

    /// Encodes a text such that it can stand anywhere in a URL: every byte but `A–Z a–z 0–9 - . _ ~` becomes `%` and
    /// two hexadecimal digits.
    public static func percentEncoded(_ text: String) -> String {
        PercentCoding.encode(text)
    }
}
