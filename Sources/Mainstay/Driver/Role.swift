// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What a connection is used for.
public enum Role: Sendable, Hashable, CaseIterable {
    /// Reading only: a replica, or one of SQLite's readers.
    case reader
    /// Reading and writing.
    case writer
}
