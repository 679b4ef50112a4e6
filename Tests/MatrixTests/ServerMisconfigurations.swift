// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import MainstayTesting

/// What can be wrong with a server's URL.
enum ServerMisconfigurations {
    private static let password = "hunter2SECRET"

    static func all(url: String, driver: DriverPlugin) -> [Misconfiguration] {
        func open(_ url: String) -> @Sendable (DatabaseConfiguration) throws -> Database {
            { try Database(url, drivers: [driver], configuration: $0) }
        }
        let wrongPassword = url.replacing(#/:[^:\/@]*@/#, with: ":\(password)@")
        let wrongUser = url.replacing(#/\/\/[^@]*@/#, with: "//nobody_here:\(password)@")
        let unreachable = url.replacing(#/@127\.0\.0\.1:\d+/#, with: "@127.0.0.1:1")
        let unknownHost = url.replacing(#/@127\.0\.0\.1:\d+/#, with: "@no-such-host.invalid:1")
        let unknownDatabase = url.replacing(#/\/[^\/]*$/#, with: "/no_such_database")
        return [
            Misconfiguration(
                "a wrong password",
                [.authenticationFailed],
                secrets: [password],
                open: open(wrongPassword)
            ),
            Misconfiguration("an unknown user", [.authenticationFailed], secrets: [password], open: open(wrongUser)),
            Misconfiguration("an unreachable server", [.cannotConnect], open: open(unreachable)),
            Misconfiguration("an unknown host", [.cannotConnect], open: open(unknownHost)),
            Misconfiguration("an unknown database", [.unknownDatabase], open: open(unknownDatabase)),
        ]
    }
}
