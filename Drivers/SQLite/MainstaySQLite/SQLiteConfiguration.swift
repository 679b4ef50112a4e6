// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Where an SQLite database lives and how it is opened.
public struct SQLiteConfiguration: Sendable, Hashable {
    /// Where the database lives.
    public var location: ConnectionURL.FileLocation
    /// Whether the file may be written and made.
    public var mode: Mode
    /// How long to wait while another process holds the lock; from zero. By default 5 s.
    public var busyTimeout: Duration
    /// Whether foreign keys are enforced. By default they are, which plain SQLite leaves off.
    public var enforcesForeignKeys: Bool
    /// How commits reach the disk. By default ``Synchronous/full``: a commit that returned survives a loss of power.
    public var synchronous: Synchronous

    /// Creates a configuration.
    public init(
        _ location: ConnectionURL.FileLocation,
        mode: Mode = .readWriteCreate,
        busyTimeout: Duration = .seconds(5),
        enforcesForeignKeys: Bool = true,
        synchronous: Synchronous = .full
    ) {
        self.location = location
        self.mode = mode
        self.busyTimeout = busyTimeout
        self.enforcesForeignKeys = enforcesForeignKeys
        self.synchronous = synchronous
    }

    /// Reads a URL: `sqlite:relative.db`, `sqlite:///absolute.db` or `sqlite::memory:`, with the parameters `mode` (`ro`,
    /// `rw`, `rwc`), `busy_timeout` (`5s`), `foreign_keys` (`true`, `false`) and `synchronous` (`full`, `normal`).
    ///
    /// - Throws: `invalidConfiguration`.
    public init(_ url: ConnectionURL) throws(DatabaseError) {
        self.init(try url.fileLocation())
        var parameters = ParameterReader(url)
        mode = try parameters.choice("mode") ?? mode
        busyTimeout = try parameters.duration("busy_timeout", in: .zero ... .seconds(3600)) ?? busyTimeout
        enforcesForeignKeys = try parameters.bool("foreign_keys") ?? enforcesForeignKeys
        synchronous = try parameters.choice("synchronous") ?? synchronous
        try parameters.finish()
    }

    /// Whether the file may be written and made, by the words of SQLite's URIs.
    public enum Mode: String, Sendable, Hashable, CaseIterable {
        /// Only read.
        case readOnly = "ro"
        /// Read and written; it must exist.
        case readWrite = "rw"
        /// Read and written; it is made if it does not exist.
        case readWriteCreate = "rwc"
    }

    /// How commits reach the disk; see `PRAGMA synchronous`.
    public enum Synchronous: String, Sendable, Hashable, CaseIterable {
        /// Each commit is on the disk when it returns.
        case full
        /// A loss of power may undo the last commits, but damages nothing.
        case normal
    }
}
