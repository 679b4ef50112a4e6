// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A driver that can be made from a URL.
///
/// Each driver module adds one constant, so that an application which links several drivers gives
/// `Database(url, drivers: [.sqlite, .postgreSQL])` and opens whichever the URL names. There is no registry: what is not in
/// the list can't be opened.
public struct DriverPlugin: Sendable {
    /// The database's name.
    public let name: String
    /// The schemes of the URLs that the driver opens, in lower case.
    public let schemes: [String]
    /// Makes a driver of a URL with one of the schemes.
    public let makeDriver: @Sendable (ConnectionURL) throws(DatabaseError) -> any Driver

    /// Creates a plug-in.
    public init(
        name: String,
        schemes: [String],
        makeDriver: @escaping @Sendable (ConnectionURL) throws(DatabaseError) -> any Driver
    ) {
        self.name = name
        self.schemes = schemes
        self.makeDriver = makeDriver
    }
}
