// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CMariaDB

/// The options of a connection that is about to be opened. Each that matters for security is set, whatever the
/// library's default, and no option file is read.
struct ConnectOptions {
    private let server: ServerConfiguration
    private let timeout: Duration
    private let readTimeout: Duration?

    /// On the stack of the library's coroutine names are resolved, plug-ins loaded, and TLS is done. Pages that are not
    /// touched cost nothing.
    private static let stackSize = 512 * 1024

    init(_ server: ServerConfiguration, timeout: Duration, readTimeout: Duration?) {
        self.server = server
        self.timeout = timeout
        self.readTimeout = readTimeout
    }

    /// Sets the options.
    ///
    /// - Throws: `tlsFailed` if a file is missing; `unsupported` if the library does not know an option, for a demand
    ///   that can't be met must not be ignored.
    func apply(to handle: UnsafeMutablePointer<MYSQL>) throws(DatabaseError) {
        try check(mainstay_mariadb_option_size(handle, MYSQL_OPT_NONBLOCK, Self.stackSize), "the non-blocking way")
        try number(MYSQL_OPT_CONNECT_TIMEOUT, timeout.wholeSeconds, handle)
        if let readTimeout {
            try number(MYSQL_OPT_READ_TIMEOUT, readTimeout.wholeSeconds, handle)
            try number(MYSQL_OPT_WRITE_TIMEOUT, readTimeout.wholeSeconds, handle)
        }
        try applyAddress(handle)
        // Would lose the session's state and transaction, and send a statement twice.
        try flag(MYSQL_OPT_RECONNECT, false, handle)
        try text(MYSQL_SET_CHARSET_NAME, "utf8mb4", handle)
        try number(MYSQL_OPT_LOCAL_INFILE, 0, handle)
        mainstay_mariadb_refuse_infile(handle)
        try text(MARIADB_OPT_RESTRICTED_AUTH, authentication, handle)
        try applyTLS(handle)
        let name = server.applicationName ?? "mainstay"
        try check(mainstay_mariadb_option_attribute(handle, "program_name", name), "program_name")
    }

    private func applyAddress(_ handle: UnsafeMutablePointer<MYSQL>) throws(DatabaseError) {
        // Said outright, for by itself the library takes `localhost` for the socket that it was built with.
        switch server.endpoint {
        case .tcp(let host, let port):
            try number(MYSQL_OPT_PROTOCOL, MYSQL_PROTOCOL_TCP.rawValue, handle)
            try text(MARIADB_OPT_HOST, host, handle)
            try number(MARIADB_OPT_PORT, UInt32(clamping: port), handle)
        case .unixSocket(let path, _):
            try number(MYSQL_OPT_PROTOCOL, MYSQL_PROTOCOL_SOCKET.rawValue, handle)
            try text(MARIADB_OPT_UNIXSOCKET, path, handle)
        }
        if let user = server.user { try text(MARIADB_OPT_USER, user, handle) }
        if let password = server.password {
            try check(
                password.withExposedCString { mainstay_mariadb_option_text(handle, MARIADB_OPT_PASSWORD, $0) },
                "the password"
            )
        }
        if let database = server.database { try text(MARIADB_OPT_SCHEMA, database, handle) }
    }

    private func applyTLS(_ handle: UnsafeMutablePointer<MYSQL>) throws(DatabaseError) {
        let tls = server.tls
        try flag(MYSQL_OPT_SSL_ENFORCE, tls.mode != .insecurePlaintext, handle)
        // The host's name; the chain of authorities is verified whenever there is a file of authorities.
        try flag(MYSQL_OPT_SSL_VERIFY_SERVER_CERT, tls.mode == .verifyFull, handle)
        switch tls.mode {
        case .insecurePlaintext:
            return
        case .insecureUnverified:
            break
        case .verifyFull, .verifyCA:
            try text(MYSQL_OPT_SSL_CA, TrustStore.authorities(tls.caFile), handle)
        default:
            throw DatabaseError(.invalidConfiguration, "TLS mode \(tls.mode) is not known to the driver for MariaDB")
        }
        try text(MARIADB_OPT_TLS_VERSION, "TLSv1.2,TLSv1.3", handle)
        if let certificate = tls.certificateFile, let key = tls.keyFile {
            try text(MYSQL_OPT_SSL_CERT, TrustStore.readable(certificate), handle)
            try text(MYSQL_OPT_SSL_KEY, TrustStore.readable(key), handle)
        }
    }

    /// The client's plug-ins for authentication that a server may ask for. None of them shows the server the password.
    ///
    /// MySQL's `caching_sha2_password` is left out in plaintext: it encrypts the password with whatever key it gets.
    private var authentication: String {
        let plugins = "client_ed25519,parsec,mysql_native_password"
        if case .tcp = server.endpoint, server.tls.mode == .insecurePlaintext { return plugins }
        return plugins + ",caching_sha2_password"
    }

    // MARK: - Setting one

    private func text(
        _ option: mysql_option,
        _ text: String,
        _ handle: UnsafeMutablePointer<MYSQL>
    ) throws(DatabaseError) {
        try check(mainstay_mariadb_option_text(handle, option, text), "option \(option.rawValue)")
    }

    private func number(
        _ option: mysql_option,
        _ number: UInt32,
        _ handle: UnsafeMutablePointer<MYSQL>
    ) throws(DatabaseError) {
        try check(mainstay_mariadb_option_number(handle, option, number), "option \(option.rawValue)")
    }

    private func flag(
        _ option: mysql_option,
        _ isOn: Bool,
        _ handle: UnsafeMutablePointer<MYSQL>
    ) throws(DatabaseError) {
        try check(mainstay_mariadb_option_flag(handle, option, isOn ? 1 : 0), "option \(option.rawValue)")
    }

    private func check(_ status: Int32, _ what: String) throws(DatabaseError) {
        guard status == 0 else {
            throw DatabaseError(
                .unsupported,
                "MariaDB Connector/C \(String(cString: mysql_get_client_info())) refuses \(what)",
                isConnectionUsable: false
            )
        }
    }
}

extension Duration {
    /// Whole seconds, rounded up and at least one.
    fileprivate var wholeSeconds: UInt32 {
        max(1, UInt32(clamping: components.seconds + (components.attoseconds > 0 ? 1 : 0)))
    }
}
