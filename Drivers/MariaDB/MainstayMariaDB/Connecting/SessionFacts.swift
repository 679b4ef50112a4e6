// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CMariaDB

/// What the server told about a session in its answer to ``SessionSetup``.
struct SessionFacts {
    /// How long the server lets the connection be silent; nil if it does not tell.
    var silenceLimit: Duration?
    private var level: String?
    private var detectsConflicts: Bool?

    /// The isolation of the session's transactions; nil if the server does not tell.
    var isolation: SessionIsolation? {
        level.map { SessionIsolation(level: $0, detectsConflicts: detectsConflicts) }
    }

    /// The isolation of a session that had another one, of which the server tells what has changed.
    func isolation(insteadOf other: SessionIsolation) -> SessionIsolation {
        SessionIsolation(level: level ?? other.level, detectsConflicts: detectsConflicts ?? other.detectsConflicts)
    }

    init() {}

    /// Reads what the answer to the last statement told by the way.
    init(_ handle: UnsafeMutablePointer<MYSQL>) {
        for (name, value) in Self.trackedVariables(handle) {
            switch name {
            case "wait_timeout": silenceLimit = Self.limit(value)
            // The server tells of the variable by one of its two names.
            case "tx_isolation", "transaction_isolation": level = value
            case "innodb_snapshot_isolation": detectsConflicts = value == "ON"
            default: break
            }
        }
    }

    static func limit(_ seconds: String) -> Duration? {
        UInt32(seconds).flatMap { $0 > 0 ? .seconds($0) : nil }
    }

    /// The names and values of the variables that the answer to the last statement told of.
    private static func trackedVariables(_ handle: UnsafeMutablePointer<MYSQL>) -> [(name: String, value: String)] {
        var texts: [String] = []
        var data: UnsafePointer<CChar>?
        var length = 0
        var status = mysql_session_track_get_first(handle, SESSION_TRACK_SYSTEM_VARIABLES, &data, &length)
        while status == 0, let start = data {
            texts.append(
                String(decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
            )
            status = mysql_session_track_get_next(handle, SESSION_TRACK_SYSTEM_VARIABLES, &data, &length)
        }
        // Names and values take turns.
        return stride(from: 0, to: texts.count - 1, by: 2).map { (texts[$0], texts[$0 + 1]) }
    }
}
