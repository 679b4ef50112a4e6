// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The files with certificates and keys, for drivers whose C library does not look for them, or fails without saying why.
public enum TrustStore {
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

    /// The file of the authorities to trust: the given one, or that of the operating system.
    ///
    /// - Throws: `tlsFailed` if there is none that can be read.
    public static func authorities(_ path: String?) throws(DatabaseError) -> String {
        if let path = try readable(path) { return path }
        guard let bundle = bundles.first(where: isReadable) else {
            throw DatabaseError(
                .tlsFailed,
                "the authorities that the operating system trusts were not found",
                hint: "install the package ca-certificates, or name a file with sslrootcert"
            )
        }
        return bundle
    }

    /// The path, whose file must be readable.
    ///
    /// - Throws: `tlsFailed` if it is not.
    public static func readable(_ path: String) throws(DatabaseError) -> String {
        guard isReadable(path) else { throw DatabaseError(.tlsFailed, "the file \(path) can't be read") }
        return path
    }

    /// The path, if there is one, whose file must be readable.
    ///
    /// - Throws: `tlsFailed` if it is not.
    public static func readable(_ path: String?) throws(DatabaseError) -> String? {
        guard let path else { return nil }
        return try readable(path) as String
    }

    private static func isReadable(_ path: String) -> Bool {
        access(path, R_OK) == 0
    }
}
