// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The files with certificates and keys.
enum TrustStore {
    // Of Debian and Alpine; Fedora and its relatives; openSUSE; macOS and the BSDs; Homebrew.
    private static let bundles = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/ssl/cert.pem",
        "/opt/homebrew/etc/ca-certificates/cert.pem",
        "/usr/local/etc/ca-certificates/cert.pem",
    ]

    /// The file of the authorities to trust: the one that is given, else the operating system's.
    ///
    /// Connector/C does not look for the latter: without a file it trusts nobody.
    static func authorities(_ path: String?) throws(DatabaseError) -> String {
        if let path { return try readable(path) }
        return try system()
    }

    private static func system() throws(DatabaseError) -> String {
        guard let bundle = bundles.first(where: isReadable) else {
            throw DatabaseError(
                .tlsFailed,
                "the authorities that the operating system trusts were not found",
                hint: "install the package ca-certificates, or name a file with sslrootcert"
            )
        }
        return bundle
    }

    /// The path, if its file can be read. Connector/C would say no more than that the verification failed.
    static func readable(_ path: String) throws(DatabaseError) -> String {
        guard isReadable(path) else { throw DatabaseError(.tlsFailed, "the file \(path) can't be read") }
        return path
    }

    private static func isReadable(_ path: String) -> Bool {
        access(path, R_OK) == 0
    }
}
