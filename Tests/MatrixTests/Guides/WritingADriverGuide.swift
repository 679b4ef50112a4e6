// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstaySQLite
import Testing

// #plugin
extension DriverPlugin {
    static func tracing(_ trace: Trace) -> DriverPlugin {
        DriverPlugin(name: "Tracing", schemes: ["tracing"]) { url throws(DatabaseError) in
            var parameters = ParameterReader(url)
            let timeout = try parameters.duration("busy_timeout", in: .zero ... .seconds(60))
            try parameters.finish()
            var file = SQLiteConfiguration(try url.fileLocation())
            file.busyTimeout = timeout ?? .seconds(5)
            return TracingDriver(base: SQLiteDriver(file), trace: trace)
        }
    }
}

/// The code of `WritingADriver.md`.
@Suite struct WritingADriverGuide {
    @Test func `the plug-in`() async throws {
        // #use
        let trace = Trace()
        let database = try Database("tracing::memory:", drivers: [.sqlite, .tracing(trace)])
        try await database.execute("CREATE TABLE users (name \(type: .text))")
        try await database.execute("INSERT INTO users VALUES (\("Ada"))")
        await database.close()

        #expect(
            trace.all == [
                "BEGIN", "CREATE TABLE users (name TEXT)", "COMMIT", "BEGIN", "INSERT INTO users VALUES (?)", "COMMIT",
            ]
        )
    }
}
