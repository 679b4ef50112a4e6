// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension ConnectionURL {
    /// Where a database without a server lives.
    public enum FileLocation: Sendable, Hashable {
        /// In memory, gone when it is closed.
        case memory
        /// In a file, relative to the working directory unless the path begins with a slash.
        case path(String)
    }

    /// Where the database lives, for a driver that opens files: `scheme::memory:`, `scheme:relative.db` or
    /// `scheme:///absolute.db`.
    ///
    /// The path is given as it is written; a driver must not read it as a URI or expand a `~` in it.
    ///
    /// - Throws: ``DatabaseError/Code/invalidConfiguration`` when the URL names a user, host or port, no path, a
    ///   directory, or a path that means memory in other libraries (`scheme://`, `scheme:///:memory:`).
    public func fileLocation() throws(DatabaseError) -> FileLocation {
        let forms = "write \(scheme):relative.db, \(scheme):///absolute.db or \(scheme)::memory:"
        guard user == nil, host == nil, port == nil else {
            throw .misconfigured("the URL names a host or user, but \(scheme) opens a file", hint: forms)
        }
        guard let path else {
            throw .misconfigured("the URL names no file", hint: "\(forms); the last one is a database in memory")
        }
        if path == ":memory:" { return .memory }
        guard !path.hasSuffix("/") else {
            throw .misconfigured("the URL names a directory and not a file", hint: forms)
        }
        // SQLite keeps names that begin with a colon for itself, and `/:memory:` is certainly not meant as a file.
        guard let name = pathSegments.first(where: { !$0.isEmpty }), !name.utf8.starts(with: ":".utf8) else {
            throw .misconfigured(
                "the name of the file begins with a colon",
                hint: "write \(scheme)::memory: for a database in memory, or ./ before the name of a file"
            )
        }
        // SQLAlchemy asks for four slashes before an absolute path: the same file, so not worth an error.
        let root = path.utf8.prefix { $0 == UInt8(ascii: "/") }.count
        return .path(root > 1 ? String(path.utf8.dropFirst(root - 1))! : path)
    }
}
