// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Takes a URL apart, byte by byte.
///
/// Characters would not do: a combining mark after an `@` makes another character of it. Whatever goes wrong, an error
/// names the field and never quotes it, because a misplaced delimiter puts pieces of the password anywhere.
enum ConnectionURLParser {
    private typealias Bytes = ArraySlice<UInt8>

    private static let encodingHint = """
        in a user or password write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25; \
        an @ elsewhere is %40 as well
        """

    static func parse(_ text: String) throws(DatabaseError) -> ConnectionURL {
        try refuseInvisible(in: text)
        let (scheme, rest) = try splitScheme(Array(text.utf8)[...])
        guard !rest.contains(UInt8(ascii: "#")) else {
            throw .misconfigured("the URL contains a #, which begins a fragment", hint: "write # as %23")
        }
        let hasAuthority = rest.starts(with: "//".utf8)
        let (authority, tail) = hasAuthority ? splitAuthority(rest.dropFirst(2)) : ([], rest)
        try checkAtSigns(authority: authority, tail: tail)
        guard !authority.elementsEqual(":memory:".utf8) else {
            throw .misconfigured(":memory: stands in the place of a host", hint: "write \(scheme)::memory:")
        }
        let (user, password, place) = try parseUser(authority)
        let (host, port) = try parseHost(place)
        let (path, query) = split(tail, at: UInt8(ascii: "?")) ?? (tail, [])
        return ConnectionURL(
            scheme: scheme,
            hasAuthority: hasAuthority,
            user: user,
            password: password,
            host: host,
            port: port,
            pathSegments: try parsePath(path),
            parameters: try parseQuery(query)
        )
    }
}

// MARK: - The whole

extension ConnectionURLParser {
    private static func refuseInvisible(in text: String) throws(DatabaseError) {
        let isInvisible = { (scalar: Unicode.Scalar) in
            let category = scalar.properties.generalCategory
            return scalar.properties.isWhitespace || category == .control || category == .format
        }
        guard !text.unicodeScalars.contains(where: isInvisible) else {
            throw .misconfigured(
                "the URL contains whitespace or an invisible character",
                hint: "remove it (the end of a line?) or percent-encode it"
            )
        }
    }

    private static func splitScheme(_ bytes: Bytes) throws(DatabaseError) -> (String, Bytes) {
        guard let (scheme, rest) = split(bytes, at: UInt8(ascii: ":")), let first = scheme.first, isLetter(first),
            scheme.count <= 32,
            scheme.allSatisfy({ isLetter($0) || isDigit($0) || "+-.".utf8.contains($0) })
        else {
            throw .misconfigured(
                "the URL has no scheme",
                hint: "it begins with the kind of database, as in postgresql://"
            )
        }
        return (String(decoding: scheme, as: UTF8.self).lowercased(), rest)
    }

    private static func splitAuthority(_ bytes: Bytes) -> (authority: Bytes, tail: Bytes) {
        let end = bytes.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? bytes.endIndex
        return (bytes[..<end], bytes[end...])
    }

    /// The last line of defence against `u:12/34@host/db`, which is a fine URL of the host `u`, were it not for its
    /// `@`.
    private static func checkAtSigns(authority: Bytes, tail: Bytes) throws(DatabaseError) {
        let count = (authority + tail).count { $0 == UInt8(ascii: "@") }
        guard count <= 1 else { throw .misconfigured("the URL contains more than one @", hint: encodingHint) }
        guard !tail.contains(UInt8(ascii: "@")) else {
            throw .misconfigured("the URL contains an @ in its path or parameters", hint: encodingHint)
        }
    }
}

// MARK: - Its parts

extension ConnectionURLParser {
    private static func parseUser(_ authority: Bytes) throws(DatabaseError) -> (String?, Secret?, place: Bytes) {
        guard let (credentials, place) = split(authority, at: UInt8(ascii: "@")) else { return (nil, nil, authority) }
        let (user, password) = split(credentials, at: UInt8(ascii: ":")) ?? (credentials, nil)
        guard !user.isEmpty else { throw .misconfigured("the user is empty") }
        guard password?.contains(UInt8(ascii: ":")) != true else {
            throw .misconfigured("the user or password contains a colon", hint: encodingHint)
        }
        let name = try PercentCoding.decode(user, field: "the user")
        guard let password else { return (name, nil, place) }
        return (name, Secret(try PercentCoding.decode(password, field: "the password")), place)
    }

    private static func parseHost(_ place: Bytes) throws(DatabaseError) -> (String?, Int?) {
        guard !place.contains(UInt8(ascii: ",")) else {
            throw .misconfigured("the URL names several hosts, which is not supported yet", hint: "name one host")
        }
        if place.first == UInt8(ascii: "[") {
            guard let (address, rest) = split(place.dropFirst(), at: UInt8(ascii: "]")),
                rest.isEmpty || rest.first == UInt8(ascii: ":")
            else { throw .misconfigured("the brackets around the host are not closed, or not followed by a port") }
            let host = try PercentCoding.decode(address, field: "the host")
            guard HostName.isIPv6(host) else { throw .misconfigured("the brackets do not hold an IPv6 address") }
            return (host, rest.isEmpty ? nil : try parsePort(rest.dropFirst()))
        }
        let (name, port) = split(place, at: UInt8(ascii: ":")) ?? (place, nil)
        guard port?.contains(UInt8(ascii: ":")) != true else {
            throw .misconfigured(
                "the host and port contain more than one colon",
                hint: "write an IPv6 address in brackets; a password stands before an @"
            )
        }
        let number = try port.map { port throws(DatabaseError) in try parsePort(port) }
        guard !name.isEmpty else { return (nil, number) }
        let host = try PercentCoding.decode(name, field: "the host")
        if !host.utf8.starts(with: "/".utf8) { try HostName.validate(host) }
        return (host, number)
    }

    private static func parsePort(_ bytes: Bytes) throws(DatabaseError) -> Int {
        guard bytes.allSatisfy(isDigit), let port = Int(String(decoding: bytes, as: UTF8.self)), 1...65535 ~= port
        else {
            throw .misconfigured(
                "the port is not a number from 1 to 65535",
                hint: "if a password was meant, it is followed by @ and the host"
            )
        }
        return port
    }

    private static func parsePath(_ path: Bytes) throws(DatabaseError) -> [String] {
        var segments: [String] = []
        for segment in path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            segments.append(try PercentCoding.decode(segment, field: "the path"))
        }
        return segments
    }

    private static func parseQuery(_ query: Bytes) throws(DatabaseError) -> [ConnectionURL.Parameter] {
        guard !query.isEmpty else { return [] }
        var parameters: [ConnectionURL.Parameter] = []
        var names: Set<String> = []
        for piece in query.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false) {
            guard let (encodedName, value) = split(piece, at: UInt8(ascii: "=")) else {
                throw .misconfigured("a parameter of the URL has no =", hint: "write ?name=value&name=value")
            }
            let name = try PercentCoding.decode(encodedName, field: "the name of a parameter")
            guard 1...64 ~= name.utf8.count,
                name.utf8.allSatisfy({ isLetter($0) || isDigit($0) || "_-.".utf8.contains($0) })
            else {
                throw .misconfigured("the name of a parameter is not 1 to 64 ASCII letters, digits, _, - and .")
            }
            guard names.insert(name).inserted else { throw .misconfigured("parameter \"\(name)\" is given twice") }
            let decoded = try PercentCoding.decode(value, field: "parameter \"\(name)\"")
            parameters.append(ConnectionURL.Parameter(name: name, value: decoded))
        }
        return parameters
    }
}

// MARK: - Bytes

extension ConnectionURLParser {
    private static func split(_ bytes: Bytes, at delimiter: UInt8) -> (Bytes, Bytes)? {
        bytes.firstIndex(of: delimiter).map { (bytes[..<$0], bytes[($0 + 1)...]) }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }
}
