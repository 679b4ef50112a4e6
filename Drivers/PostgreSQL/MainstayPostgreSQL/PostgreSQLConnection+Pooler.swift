// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CLibPQ

extension PostgreSQLConnection {
    /// Makes sure that a text leaves nothing in the session that a pooler would give to somebody else, and take from us.
    ///
    /// What no server knows is left for the server to refuse. A newer one may know it, so that it counts as the worst there.
    ///
    /// - Throws: `unsupported`.
    func requireCarried(_ text: String) throws(DatabaseError) {
        guard link.sharesServer else { return }
        let demand = SessionDemand(of: text)
        let unknown = PQserverVersion(try link.open()) < 190_000 ? nil : demand.unknown
        guard let what = demand.lasting ?? unknown else { return }
        throw Self.notCarried(what).inStatement(text)
    }

    static func notCarried(_ what: String) -> DatabaseError {
        DatabaseError(
            .unsupported,
            "\(what) needs a session of its own, and a pooler in between may give each transaction another one",
            hint: "connect to the server itself, or to a pooler in session mode and add pooler=session to the URL; "
                + "SET LOCAL, set_config(…, true), pg_advisory_xact_lock and ON COMMIT DROP end with the transaction"
        )
    }
}
