// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import Mainstay

/// A way to describe a database that must fail with a clear error.
public struct Misconfiguration: Sendable {
    /// What is wrong, as in `wrong password`.
    public var name: String
    /// The codes that say so.
    public var codes: Set<DatabaseError.Code>
    /// Opens the database; nothing is connected yet.
    public var open: @Sendable (DatabaseConfiguration) throws -> Database
    /// What the error must not contain.
    public var secrets: [String]

    /// Creates a misconfiguration.
    public init(
        _ name: String,
        _ codes: Set<DatabaseError.Code>,
        secrets: [String] = [],
        open: @escaping @Sendable (DatabaseConfiguration) throws -> Database
    ) {
        self.name = name
        self.codes = codes
        self.open = open
        self.secrets = secrets
    }
}
