// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Opens SQLite databases.
///
/// A file is opened in WAL mode, with one connection that writes and several that read. A database in memory has one
/// connection for everything.
public struct SQLiteDriver: Driver {
    /// Where the database lives and how it is opened.
    public let configuration: SQLiteConfiguration

    /// Creates a driver.
    public init(_ configuration: SQLiteConfiguration) {
        self.configuration = configuration
    }

    /// Creates a driver for a file, or for a database in memory.
    public init(_ location: ConnectionURL.FileLocation) {
        self.init(SQLiteConfiguration(location))
    }

    /// `SQLite`.
    public var name: String { "SQLite" }

    /// SQLite's SQL.
    public var dialect: Dialect { .sqlite }

    /// One writer and several readers for a file, one connection in memory.
    public var topology: Topology {
        configuration.location == .memory ? .singleConnection : .singleWriter
    }

    /// The file's path, or `:memory:`.
    public var location: String {
        switch configuration.location {
        case .memory: ":memory:"
        case .path(let path): path
        }
    }

    /// Opens the file.
    ///
    /// - Throws: `cannotConnect` if it can't be opened, `dataCorrupted` if it is no database.
    public func connect(_ request: ConnectRequest) throws(DatabaseError) -> any Connection {
        try SQLiteConnection(configuration, role: request.role)
    }
}

extension DriverPlugin {
    /// Opens `sqlite:relative.db`, `sqlite:///absolute.db` and `sqlite::memory:`.
    public static let sqlite = DriverPlugin(name: "SQLite", schemes: ["sqlite"]) { (url) throws(DatabaseError) in
        SQLiteDriver(try SQLiteConfiguration(url))
    }
}
