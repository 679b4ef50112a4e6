// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// How much TLS a connection demands. The raw values are the words of libpq's `sslmode`.
///
/// The set may grow: a driver refuses a mode that it doesn't know.
public struct TLSMode: Sendable, Hashable, RawRepresentable, CustomStringConvertible {
    /// The word for the mode in a URL.
    public let rawValue: String

    private init(word: String) {
        rawValue = word
    }

    /// The mode that a word stands for, or nil for words that stand for none here, such as `prefer`.
    public init?(rawValue: String) {
        guard let mode = Self.all.first(where: { $0.rawValue == rawValue }) else { return nil }
        self = mode
    }

    /// The word for the mode in a URL.
    public var description: String { rawValue }
}

extension TLSMode {
    /// TLS with a certificate that a trusted authority gave to exactly this host: `verify-full`.
    public static let verifyFull = Self(word: "verify-full")

    /// TLS with a certificate that one's own authority gave to any host: `verify-ca`. It needs
    /// ``TLSConfiguration/caFile``, because anybody can get a certificate of a public authority.
    public static let verifyCA = Self(word: "verify-ca")

    /// TLS with any certificate: `require`. It hides the traffic from who only listens, but not from who answers in the
    /// server's place.
    public static let insecureUnverified = Self(word: "require")

    /// No TLS: `disable`. Whoever sits between here and the server reads and changes everything.
    public static let insecurePlaintext = Self(word: "disable")

    static let all = [verifyFull, verifyCA, insecureUnverified, insecurePlaintext]

    /// The mode of connections for which none was chosen.
    ///
    /// It is ``insecurePlaintext`` where nobody can sit in between: for `localhost`, 127.0.0.0/8, ::1 and a Unix
    /// socket, that is a host which begins with a slash. For everything else it is ``verifyFull``.
    public static func `default`(forHost host: String) -> TLSMode {
        host.utf8.first == UInt8(ascii: "/") || HostName.isLoopback(host) ? .insecurePlaintext : .verifyFull
    }
}
