// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CLibPQ

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// What libpq is told. Nothing is left for it to find in environment variables, `~/.pgpass`, service files or files
/// of `~/.postgresql`.
struct ConnectionParameters {
    private var values: [(keyword: String, value: String)]
    private let password: Secret?

    // libpq takes an empty value in an array for a missing one, and looks further. It does not in a text of which the
    // array's first `dbname` consists; what follows in the array overrides that.
    private static let emptyKeywords = [
        "password", "hostaddr", "options", "application_name", "replication", "requirepeer", "gsslib", "sslpassword",
        "sslcrldir", "ssl_max_protocol_version", "sslkeylogfile",
    ]
    private static let empty = emptyKeywords.filter(known.contains).map { "\($0)=''" }.joined(separator: " ")

    // Here no file can be. Of files that are not there libpq makes nothing.
    private static let noFile = "/dev/null/none"

    /// The keywords that the linked libpq knows; others are errors.
    private static let known: Set<String> = {
        guard let options = PQconninfoParse("", nil) else { return [] }
        defer { PQconninfoFree(options) }
        var keywords: Set<String> = []
        var option = options
        while let keyword = option.pointee.keyword {
            keywords.insert(String(cString: keyword))
            option += 1
        }
        return keywords
    }()

    /// Collects the parameters of a connection.
    ///
    /// - Parameter address: The numeric address of the host, if it is reached by TCP.
    init(_ configuration: PostgreSQLConfiguration, address: String?) throws(DatabaseError) {
        let server = configuration.server
        let user = if let user = server.user { user } else { try Self.systemUser() }
        password = server.password
        values = [
            ("dbname", Self.empty),
            ("dbname", server.database ?? user),
            ("user", user),
            ("passfile", Self.noFile),
            ("client_encoding", "UTF8"),
            ("channel_binding", configuration.channelBinding.word),
            ("target_session_attrs", "any"),
            ("load_balance_hosts", "disable"),
            ("gssencmode", "disable"),
            ("gssdelegation", "0"),
            ("krbsrvname", "postgres"),
            // `PQconnectPoll` has no timeout; ours is over everything.
            ("connect_timeout", "0"),
        ]
        switch server.endpoint {
        case .tcp(let host, let port):
            values += [("host", host), ("port", "\(port)")]
            if let address { values.append(("hostaddr", address)) }
            addKeepAlive(server.keepAlive)
        case .unixSocket(let path, let port):
            values += [("host", path), ("port", "\(port ?? 5432)")]
        }
        if let applicationName = server.applicationName { values.append(("application_name", applicationName)) }
        if let options = Self.options(configuration) { values.append(("options", options)) }
        try addTLS(server)
    }

    private mutating func addKeepAlive(_ keepAlive: TCPKeepAlive) {
        let (idle, interval) = (keepAlive.idle.components.seconds, keepAlive.interval.components.seconds)
        values += [
            ("keepalives", "1"), ("keepalives_idle", "\(idle)"), ("keepalives_interval", "\(interval)"),
            ("keepalives_count", "\(keepAlive.count)"),
            // Keep-alive probes are sent while nothing else is under way; this is for what is and stays unanswered.
            ("tcp_user_timeout", "\((idle + interval * Int64(keepAlive.count)) * 1000)"),
        ]
    }

    private mutating func addTLS(_ server: ServerConfiguration) throws(DatabaseError) {
        let tls = server.tls
        guard [.verifyFull, .verifyCA, .insecureUnverified, .insecurePlaintext].contains(tls.mode) else {
            throw DatabaseError(.invalidConfiguration, "TLS mode \(tls.mode) is not known to the PostgreSQL driver")
        }
        let isVerified = tls.mode == .verifyFull || tls.mode == .verifyCA
        values += [
            ("sslmode", tls.mode.rawValue),
            ("sslnegotiation", "postgres"),
            ("sslsni", "1"),
            ("sslcompression", "0"),
            ("sslcrl", Self.noFile),
            ("ssl_min_protocol_version", "TLSv1.2"),
            ("sslcertmode", "allow"),
            ("sslcert", try TrustStore.readable(tls.certificateFile) ?? Self.noFile),
            ("sslkey", try TrustStore.readable(tls.keyFile) ?? Self.noFile),
            ("sslrootcert", isVerified ? try TrustStore.authorities(tls.caFile) : Self.noFile),
        ]
        // Who can pretend to be the server could ask for the password itself. libpq can refuse that since version 16.
        if case .tcp = server.endpoint, !isVerified {
            values.append(("require_auth", "!password"))
        } else {
            values.append(("require_auth", "password,md5,scram-sha-256,none"))
        }
    }

    /// The settings that a session begins with, and to which `RESET ALL` returns.
    private static func options(_ configuration: PostgreSQLConfiguration) -> String? {
        var settings: [(name: String, value: String)] = []
        if let searchPath = configuration.searchPath {
            settings.append(("search_path", searchPath.map(quote).joined(separator: ",")))
        }
        if let timeout = configuration.statementTimeout {
            let (seconds, attoseconds) = timeout.components
            settings.append(("statement_timeout", "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)"))
        }
        guard !settings.isEmpty else { return nil }
        return settings.map { "-c \($0.name)=\(escape($0.value))" }.joined(separator: " ")
    }

    private static func quote(_ name: String) -> String {
        "\"\(name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
    }

    /// The server splits options at white space, unless there is a backslash before.
    private static func escape(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            if scalar == "\\" || scalar.properties.isWhitespace { escaped += "\\" }
            escaped.unicodeScalars.append(scalar)
        }
        return escaped
    }

    /// The name of the user that the process runs as.
    private static func systemUser() throws(DatabaseError) -> String {
        var entry = passwd()
        var result: UnsafeMutablePointer<passwd>?
        let name = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer -> String? in
            guard let start = buffer.baseAddress, getpwuid_r(geteuid(), &entry, start, buffer.count, &result) == 0,
                let name = result?.pointee.pw_name
            else { return nil }
            return String(cString: name)
        }
        guard let name else {
            throw DatabaseError(
                .invalidConfiguration,
                "no user is named, and the process's own has no name",
                hint: "write postgresql://user@host/database"
            )
        }
        return name
    }

    /// Lends the parameters as the two arrays that `PQconnectStartParams` takes.
    func withArrays<Result>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        let known = values.filter { Self.known.contains($0.keyword) }
        // Copies with a fixed address. The password is not among them.
        let copies = known.map { (keyword: strdup($0.keyword), value: strdup($0.value)) }
        defer {
            for copy in copies {
                free(copy.keyword)
                free(copy.value)
            }
        }
        var keywords = copies.map { UnsafePointer<CChar>($0.keyword) }
        var values = copies.map { UnsafePointer<CChar>($0.value) }
        guard let password else { return body(keywords + [nil], values + [nil]) }
        return password.withExposedCString { secret in
            "password".withCString { keyword in
                keywords += [keyword, nil]
                values += [secret, nil]
                return body(keywords, values)
            }
        }
    }
}
