// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CLibPQ

/// Opens a connection by a deadline that is over everything: the look-up of the host, TLS and the authentication.
struct Connector {
    private let configuration: PostgreSQLConfiguration
    private let deadline: ContinuousClock.Instant

    init(_ configuration: PostgreSQLConfiguration, deadline: ContinuousClock.Instant) {
        self.configuration = configuration
        self.deadline = deadline
    }

    /// Opens a connection, trying the addresses of the host one after the other.
    func connect() throws(DatabaseError) -> Link {
        guard case .tcp(let host, _) = configuration.server.endpoint else {
            return try connect(to: nil, until: deadline)
        }
        var addresses = try HostLookup.addresses(of: host, until: deadline)[...]
        while let address = addresses.popFirst() {
            // An address that nobody answers at takes no more than its share of the time.
            let now = ContinuousClock.now
            let share = (deadline - now) / (addresses.count + 1)
            do throws(DatabaseError) {
                return try connect(to: address, until: now + share)
            } catch  where error.code == .cannotConnect && !addresses.isEmpty {
                continue
            }
        }
        throw DatabaseError(.cannotConnect, "can't connect to \(configuration.server.endpoint): no address is left")
    }

    private func connect(to address: String?, until deadline: ContinuousClock.Instant) throws(DatabaseError) -> Link {
        let parameters = try ConnectionParameters(configuration, address: address)
        // 1: the first `dbname` may be a text of parameters.
        guard let handle = parameters.withArrays({ PQconnectStartParams($0, $1, 1) }) else {
            throw DatabaseError(.outOfResources, "libpq is out of memory", isConnectionUsable: false)
        }
        // Must outlive the handle, which is freed below, or by the `Link` that has both.
        let notices = Notices()
        defer { withExtendedLifetime(notices) {} }
        notices.receive(from: handle)
        do throws(DatabaseError) {
            try poll(handle, address, until: deadline)
            let interrupter = PostgreSQLInterrupter(waker: try Waker(), request: CancelRequest(handle))
            return Link(handle, notices: notices, interrupter: interrupter)
        } catch {
            PQfinish(handle)
            throw error
        }
    }

    private func poll(
        _ handle: OpaquePointer,
        _ address: String?,
        until deadline: ContinuousClock.Instant
    ) throws(DatabaseError) {
        // libpq keeps the SQLSTATE of a refusal to itself, unless it writes all that it knows.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        var stage = CONNECTION_NEEDED
        var next = PGRES_POLLING_WRITING
        while PQstatus(handle) != CONNECTION_BAD {
            switch next {
            case PGRES_POLLING_OK:
                PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
                return try checkTLS(handle)
            case PGRES_POLLING_READING, PGRES_POLLING_WRITING:
                let events: Descriptors.Events = next == PGRES_POLLING_READING ? .readable : .writable
                if case .timedOut = Descriptors.wait(PQsocket(handle), for: events, until: deadline) {
                    throw failure(handle, address, at: stage).timeout
                }
            default:
                throw failure(handle, address, at: stage).error
            }
            stage = PQstatus(handle)
            next = PQconnectPoll(handle)
        }
        throw failure(handle, address, at: stage).error
    }

    private func failure(_ handle: OpaquePointer, _ address: String?, at stage: ConnStatusType) -> ConnectFailure {
        ConnectFailure(
            server: configuration.server,
            address: address,
            stage: stage,
            text: PQerrorMessage(handle).map { String(cString: $0) } ?? "",
            lacksPassword: PQconnectionNeedsPassword(handle) == 1
        )
    }

    /// What was demanded must be there, whatever libpq made of its parameters.
    private func checkTLS(_ handle: OpaquePointer) throws(DatabaseError) {
        guard configuration.server.tls.mode == .insecurePlaintext || PQsslInUse(handle) == 1 else {
            throw DatabaseError(.tlsFailed, "TLS was demanded, and libpq connected without")
        }
    }
}
