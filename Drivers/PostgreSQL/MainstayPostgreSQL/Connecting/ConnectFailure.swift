// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CLibPQ

/// Why a connection could not be opened, worked out from how far libpq came, from the server's SQLSTATE if it sent one,
/// and only then from libpq's words.
struct ConnectFailure {
    let server: ServerConfiguration
    /// The address that was tried, if the server is reached by TCP.
    let address: String?
    /// What libpq was doing.
    let stage: ConnStatusType
    /// libpq's message, as verbose as it can be.
    let text: String
    /// Whether the server asked for a password and there was none.
    let lacksPassword: Bool

    /// The error for a server that did not answer in time.
    var timeout: DatabaseError {
        DatabaseError(
            .cannotConnect,
            "can't connect to \(place): no answer in time",
            hint: stage == CONNECTION_NEEDED || stage == CONNECTION_STARTED
                ? "is the address right, and does a firewall let connections through?"
                : "the server accepted the connection and then fell silent: is it overloaded or paused?"
        )
    }

    /// The error for a connection that failed.
    var error: DatabaseError {
        let (state, message) = parts
        let code = code(state, message)
        return DatabaseError(
            code,
            "can't connect to \(place): \(message)",
            hint: hint(code, state, message),
            sqlState: state,
            isConnectionUsable: false
        )
    }

    private var place: String {
        guard case .tcp(let host, _) = server.endpoint, let address, address != host else {
            return "\(server.endpoint)"
        }
        return "\(server.endpoint) (\(address))"
    }

    /// The SQLSTATE and the message proper of a text of the form
    /// `connection to server at "host" (address), port 5432 failed: FATAL:  28P01: the message`.
    private var parts: (state: String?, message: String) {
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? "libpq says nothing"
        let message = line.firstRange(of: " failed: ").map { String(line[$0.upperBound...]) } ?? line
        guard let colon = message.firstRange(of: ":  ") else { return (nil, message) }
        let rest = message[colon.upperBound...]
        let state = rest.prefix(5)
        guard state.utf8.count == 5, rest.dropFirst(5).hasPrefix(": "), state.allSatisfy(Self.isStateCharacter) else {
            return (nil, message)
        }
        return (String(state), String(rest.dropFirst(7)))
    }

    private static func isStateCharacter(_ character: Character) -> Bool {
        "0"..."9" ~= character || "A"..."Z" ~= character
    }

    private func code(_ state: String?, _ message: String) -> DatabaseError.Code {
        if state == "08P01", let known = Self.poolersWords.first(where: { message.contains($0.words) }) {
            return known.code
        }
        if let state {
            let code = SQLState.code(state)
            switch code {
            case .connectionLost, .commitOutcomeUnknown: return .cannotConnect
            // A setting of ours that the server does not know or take.
            case .undefinedObject, .invalidValue, .syntaxError: return .invalidConfiguration
            default: return code
            }
        }
        if lacksPassword { return .authenticationFailed }
        // Until here libpq is on its own; what went wrong is the address, the network or the service file.
        if stage == CONNECTION_NEEDED || stage == CONNECTION_STARTED {
            return message.contains("definition of service") ? .invalidConfiguration : .cannotConnect
        }
        // The line may break at any time, which only the words tell.
        if Self.brokenLine.contains(where: { message.contains($0) }) { return .cannotConnect }
        return stage == CONNECTION_MADE || stage == CONNECTION_SSL_STARTUP ? .tlsFailed : .authenticationFailed
    }

    // pgbouncer has one SQLSTATE, protocol violation, for all that it refuses, in English.
    private static let poolersWords: [(words: String, code: DatabaseError.Code)] = [
        ("unsupported startup parameter", .invalidConfiguration),
        ("does not exist", .unknownDatabase),
        ("no such database", .unknownDatabase),
        ("authentication failed", .authenticationFailed),
        ("no such user", .authenticationFailed),
        ("no more connections allowed", .tooManyConnections),
    ]

    private static let brokenLine = [
        "SYSCALL error", "closed the connection", "connection has been closed", "could not receive data",
        "could not send", "Connection reset", "Broken pipe",
    ]

    private func hint(_ code: DatabaseError.Code, _ state: String?, _ message: String) -> String? {
        switch code {
        case .cannotConnect where message.contains("No such file"):
            return "is the server running, and is this the directory and port of its socket?"
        case .cannotConnect:
            return "is the server running, and does it listen on this address and port?"
        case .authenticationFailed where lacksPassword:
            return "the server asks for a password, and none is given; libpq's environment and files are not read"
        case .authenticationFailed where state == "28000":
            return "does the server's pg_hba.conf let this user connect to this database from here, with this much TLS?"
        case .authenticationFailed:
            return "check the user and password; in a URL, characters such as @ : / ? # % must be percent-encoded"
        case .unknownDatabase:
            return "create the database, or name another one at the end of the URL"
        case .tooManyConnections:
            return "make the pool smaller, or raise the server's max_connections"
        case .tlsFailed where message.contains("does not support SSL"):
            return "switch TLS on in the server, or ask for none with sslmode=disable where nobody sits in between"
        case .tlsFailed where message.contains("does not match host name"):
            return "name the host as its certificate does; sslmode=verify-ca leaves the name unchecked"
        case .tlsFailed where message.contains("certificate verify failed"):
            return "name the file of the authority that signed the server's certificate with sslrootcert"
        case .invalidConfiguration where state == "08P01":
            return "a pooler in between takes no settings: leave search_path and statement_timeout out of the URL, and "
                + "set them by ALTER ROLE … SET; with pgbouncer's ignore_startup_parameters it would only ignore them"
        case .invalidConfiguration where message.contains("definition of service"):
            return "unset the environment variable PGSERVICE"
        default:
            return nil
        }
    }
}
