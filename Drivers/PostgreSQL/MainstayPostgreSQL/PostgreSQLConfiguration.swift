// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// How to reach a PostgreSQL server, and what its sessions begin with.
public struct PostgreSQLConfiguration: Sendable, Equatable {
    /// The server, the user and the database. A Unix socket is given by its directory and the port.
    public var server: ServerConfiguration

    /// The schemas in which names without one are looked up, in order; nil leaves the server's default.
    ///
    /// A name of 1 to 63 UTF-8 bytes each, without quotes; `$user` is the one with the user's name.
    public var searchPath: [String]?

    /// After what time the server stops a statement, in whole milliseconds; nil leaves the server's default.
    ///
    /// The server's own watch holds where nobody on this side looks. Zero switches it off.
    public var statementTimeout: Duration?

    /// Whether the password's proof is bound to the TLS connection.
    public var channelBinding: ChannelBinding

    /// Whether there is a pooler between here and the server, such as pgbouncer.
    public var pooler: Pooler

    /// Creates a configuration.
    public init(
        server: ServerConfiguration,
        searchPath: [String]? = nil,
        statementTimeout: Duration? = nil,
        channelBinding: ChannelBinding = .prefer,
        pooler: Pooler = .auto
    ) {
        self.server = server
        self.searchPath = searchPath
        self.statementTimeout = statementTimeout
        self.channelBinding = channelBinding
        self.pooler = pooler
    }

    /// Whether the password's proof (SCRAM) is bound to the TLS connection, so that nobody in between can pass it on,
    /// whatever certificate they got hold of.
    public struct ChannelBinding: Sendable, Hashable {
        let word: String

        /// It is, or the connection is refused. Servers that don't use SCRAM can't do it, and neither can most poolers.
        public static let require = Self(word: "require")
        /// It is where the server offers it.
        public static let prefer = Self(word: "prefer")
        /// It is not.
        public static let disable = Self(word: "disable")
    }
}

extension PostgreSQLConfiguration {
    static let schemes = ["postgresql", "postgres"]
    static let timeoutRange: ClosedRange<Duration> = .zero ... .seconds(86_400)

    /// Reads a URL: `postgresql://user:password@host:5432/database?name=value&…`.
    ///
    /// Parameters besides those that ``ServerConfiguration`` reads:
    /// - `host`: the directory of a Unix socket, in place of a host after `//`;
    /// - `search_path`: schemas, separated by commas;
    /// - `statement_timeout`: 0s to 24h;
    /// - `channel_binding`: `require`, `prefer` or `disable`;
    /// - `pooler`: `auto`, `none`, `session` or `transaction`.
    ///
    /// Others are refused, and so are libpq's environment variables and files: what the URL says is all there is.
    ///
    /// - Throws: ``DatabaseError`` with `invalidConfiguration`, or `unknownScheme`.
    public init(url: ConnectionURL) throws(DatabaseError) {
        var parameters = ParameterReader(url)
        let server = try ServerConfiguration(
            url: url,
            schemes: Self.schemes,
            defaultPort: 5432,
            socket: .directory(parameter: "host"),
            parameters: &parameters
        )
        self.init(
            server: server,
            searchPath: try parameters.string("search_path").map {
                $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            },
            statementTimeout: try parameters.duration("statement_timeout", in: Self.timeoutRange),
            channelBinding: try parameters.choice("channel_binding", as: BindingWord.self)?.binding ?? .prefer,
            pooler: try parameters.choice("pooler", as: Pooler.Word.self).map(Pooler.init) ?? .auto
        )
        try parameters.finish()
        try validate()
    }

    /// - Throws: `invalidConfiguration` for what the server would refuse, or take for something else.
    func validate() throws(DatabaseError) {
        for schema in searchPath ?? [] where !(1...63 ~= schema.utf8.count) || schema.utf8.contains(0) {
            throw DatabaseError(.invalidConfiguration, "a schema of the search path has not 1 to 63 bytes, or U+0000")
        }
        guard searchPath?.isEmpty != true else {
            throw DatabaseError(.invalidConfiguration, "the search path is empty")
        }
        if let statementTimeout, !Self.timeoutRange.contains(statementTimeout) {
            throw DatabaseError(.invalidConfiguration, "the statement timeout is not 0s to 24h")
        }
    }

    private enum BindingWord: String, CaseIterable {
        case require, prefer, disable

        var binding: ChannelBinding { ChannelBinding(word: rawValue) }
    }
}
