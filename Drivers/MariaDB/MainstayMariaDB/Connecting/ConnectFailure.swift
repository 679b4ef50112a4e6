// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Why a connection could not be opened.
struct ConnectFailure {
    let server: ServerConfiguration
    let report: ErrorReport

    /// The error for a server that did not answer in time.
    var timeout: DatabaseError {
        DatabaseError(
            .cannotConnect,
            "can't connect to \(server.endpoint): no answer in time",
            hint: "is the address right, does a firewall let connections through, and is the server paused or busy?",
            nativeCode: report.number == 0 ? nil : report.nativeCode
        )
    }

    /// The error for a connection that failed.
    var error: DatabaseError {
        // The server's words come from a peer that may not have proved who it is; they are shown, and decide nothing.
        DatabaseError(
            code,
            "can't connect to \(server.endpoint): \(report.text)",
            hint: hint,
            sqlState: report.meaningfulState,
            nativeCode: report.nativeCode,
            isTransient: isTransient,
            isConnectionUsable: false
        )
    }

    private var code: DatabaseError.Code {
        switch report.code {
        // The line broke before anything was asked for.
        case .connectionLost: .cannotConnect
        // The library reports a handshake that fell silent as an error of TLS.
        case .tlsFailed where Self.brokenLine.contains { report.text.contains($0) }: .cannotConnect
        // The server's settings don't allow what the session begins with.
        case .undefinedObject, .invalidValue, .syntaxError: .invalidConfiguration
        case let code: code
        }
    }

    private static let brokenLine = [
        "timed out", "Connection reset", "Broken pipe", "SSL_ERROR_SYSCALL", "unexpected eof",
    ]

    private var isTransient: Bool? {
        // 1129: blocked until an administrator acts. 2005 also when the name server can't be reached, which may pass.
        report.number == 1129 ? false : nil
    }

    private var hint: String? {
        switch (code, report.number) {
        case (_, 1129):
            "the server blocks this client after too many failures: FLUSH HOSTS, or raise max_connect_errors"
        case (_, 2005):
            "is the host's name spelled right, and does the name server know it?"
        case (.cannotConnect, _):
            "is the server running, and does it listen on this address?"
        case (.authenticationFailed, 5010), (.authenticationFailed, 2059), (.authenticationFailed, 5012):
            "use an account that authenticates by ed25519, parsec or mysql_native_password, or with TLS by "
                + "caching_sha2_password"
        case (.authenticationFailed, 1130):
            "create the account for the host that this client connects from"
        case (.authenticationFailed, _):
            "check the user and password, and whether the account demands TLS; in a URL, characters such as "
                + "@ : / ? # % must be percent-encoded"
        case (.permissionDenied, _):
            "grant the user a privilege on the database"
        case (.unknownDatabase, _):
            "create the database, or name another one at the end of the URL"
        case (.tooManyConnections, _):
            "make the pool smaller, or raise the server's max_connections"
        case (.tlsFailed, _) where report.text.contains("does not support"):
            "switch TLS on in the server, or ask for none with sslmode=disable where nobody sits in between"
        case (.tlsFailed, _) where report.text.contains("issuer certificate"):
            "name the file of the authority that signed the server's certificate with sslrootcert"
        case (.tlsFailed, _):
            "does the certificate name this host, and is it still valid?"
        default:
            nil
        }
    }
}
