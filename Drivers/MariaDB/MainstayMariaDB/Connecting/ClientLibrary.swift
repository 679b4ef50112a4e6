// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CMariaDB

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// MariaDB Connector/C as a whole.
enum ClientLibrary {
    // A static constant is made once, whichever thread comes first; the library's own initialization is not so careful.
    private static let isInitialized = mysql_server_init(0, nil, nil) == 0

    /// Makes the library ready for use on this thread.
    ///
    /// Since version 3 it keeps nothing per thread, and so there is no counterpart for when a thread ends.
    ///
    /// - Throws: `outOfResources`; `invalidConfiguration` if the environment weakens what the configuration demands.
    static func prepare() throws(DatabaseError) {
        guard isInitialized, mysql_thread_init() == 0 else {
            throw DatabaseError(.outOfResources, "MariaDB Connector/C can't be initialized", isConnectionUsable: false)
        }
        guard getenv("MARIADB_TLS_DISABLE_PEER_VERIFICATION") == nil else {
            throw DatabaseError(
                .invalidConfiguration,
                "the environment variable MARIADB_TLS_DISABLE_PEER_VERIFICATION is set",
                hint:
                    "unset it: it would switch off that TLS certificates are verified, whatever the configuration says",
                isConnectionUsable: false
            )
        }
    }
}
