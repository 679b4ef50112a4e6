// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension DatabaseError {
    /// An error about a URL or configuration. The message names fields and never quotes what they hold: a misplaced
    /// delimiter puts pieces of a password anywhere.
    static func misconfigured(_ message: String, hint: String? = nil) -> DatabaseError {
        DatabaseError(.invalidConfiguration, message, hint: hint)
    }
}
