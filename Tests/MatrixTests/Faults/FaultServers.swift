// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The second pair of servers, which `ControlledServer` controls by `Scripts/servers`.
enum FaultServers {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// What `Scripts/servers start` printed. Asking for it starts the servers, once in a test process.
    static let variables = Task {
        // Even if the start fails, or the tests end before it has.
        atexit { _ = system(FaultServers.stopCommand) }
        return variables(in: try await run(["start"]))
    }

    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../Scripts/servers").standardized.path

    /// The state file of the servers. `Scripts/test` names one, to stop the servers even if the test process crashes.
    private static let state =
        ProcessInfo.processInfo.environment["MAINSTAY_FAULT_SERVERS_STATE"]
        ?? FileManager.default.temporaryDirectory.appending(path: "mainstay-fault-servers-\(UUID().uuidString)").path

    private static let stopCommand =
        "MAINSTAY_SERVERS_STATE=\(quoted(state)) \(quoted(script)) stop </dev/null >/dev/null"

    private static func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: "'\\''") + "'"
    }

    /// Runs the script, on a thread that may block.
    ///
    /// - Returns: What it printed.
    static func run(_ arguments: [String]) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try runBlocking(arguments) }) }
        }
    }

    private static func runBlocking(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: script)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["MAINSTAY_SERVERS_STATE": state]) { $1 }
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let command = arguments.joined(separator: " ")
            throw Failure(description: "Scripts/servers \(command) ended with \(process.terminationStatus)")
        }
        return text
    }

    /// What lines of `export NAME=VALUE` say. The shell's quotes are backslashes.
    private static func variables(in text: String) -> [String: String] {
        var variables: [String: String] = [:]
        for line in text.split(separator: "\n") {
            let parts = line.trimmingPrefix("export ").split(separator: "=", maxSplits: 1)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1].replacing("\\", with: "")) }
        }
        return variables
    }
}
