// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// How a connection uses TLS: what it demands, whom it trusts and how it identifies itself.
public struct TLSConfiguration: Sendable, Hashable {
    /// What is demanded.
    public let mode: TLSMode

    /// A PEM file of the authorities to trust, or nil for those that the operating system trusts.
    public let caFile: String?

    /// A PEM file of the client's own certificate, if it has one.
    public let certificateFile: String?

    /// A PEM file of the client's private key. It is there exactly when ``certificateFile`` is.
    public let keyFile: String?

    /// Creates a configuration.
    ///
    /// - Throws: ``DatabaseError/Code/invalidConfiguration`` when the parts contradict each other: a certificate
    ///   without its key or a key without its certificate, files without TLS, ``TLSMode/verifyCA`` without a file of
    ///   authorities, or such a file where nothing is verified; and when a path is empty or contains U+0000.
    public init(
        mode: TLSMode,
        caFile: String? = nil,
        certificateFile: String? = nil,
        keyFile: String? = nil
    ) throws(DatabaseError) {
        let files = [caFile, certificateFile, keyFile].compactMap { $0 }
        guard files.allSatisfy({ !$0.isEmpty && !$0.utf8.contains(0) }) else {
            throw .misconfigured("a path of the TLS configuration is empty or contains U+0000")
        }
        guard (certificateFile == nil) == (keyFile == nil) else {
            throw .misconfigured("the TLS client certificate and its key are given one without the other")
        }
        guard mode != .insecurePlaintext || files.isEmpty else {
            throw .misconfigured(
                "TLS files are given, but TLS is not used",
                hint: "ask for it: sslmode=verify-full; it is off by default on loopback addresses and Unix sockets"
            )
        }
        guard mode != .verifyCA || caFile != nil else {
            throw .misconfigured(
                "TLS mode verify-ca has no file of authorities, and anybody can get a certificate of a public one",
                hint: "use verify-full, or name one's own authority with sslrootcert"
            )
        }
        guard mode != .insecureUnverified || caFile == nil else {
            throw .misconfigured(
                "TLS mode require verifies nothing, but a file of authorities is given",
                hint: "use verify-full, or verify-ca where the certificate names no host"
            )
        }
        self.init(unchecked: mode, caFile: caFile, certificateFile: certificateFile, keyFile: keyFile)
    }

    private init(unchecked mode: TLSMode, caFile: String?, certificateFile: String?, keyFile: String?) {
        self.mode = mode
        self.caFile = caFile
        self.certificateFile = certificateFile
        self.keyFile = keyFile
    }

    /// The configuration of connections for which none was chosen; see ``TLSMode/default(forHost:)``.
    public static func `default`(forHost host: String) -> TLSConfiguration {
        TLSConfiguration(unchecked: .default(forHost: host), caFile: nil, certificateFile: nil, keyFile: nil)
    }
}

extension TLSConfiguration {
    /// Reads the parameters `sslmode`, `sslrootcert`, `sslcert` and `sslkey`, which mean what they mean to libpq.
    ///
    /// `sslrootcert=system` stands for the authorities that the operating system trusts, as no `sslrootcert` does, and
    /// goes with `verify-full` alone, as with libpq.
    ///
    /// - Parameters:
    ///   - parameters: The parameters of a URL.
    ///   - host: The host, or the path of a Unix socket, on which the default mode depends.
    /// - Throws: ``DatabaseError/Code/invalidConfiguration`` when a mode is unknown or can be stripped (`allow`,
    ///   `prefer`), and when the parts contradict each other.
    public init(parameters: inout ParameterReader, host: String) throws(DatabaseError) {
        let mode = try Self.readMode(&parameters) ?? .default(forHost: host)
        let caFile = try parameters.filePath("sslrootcert")
        let isSystem = caFile == "system"
        guard !isSystem || mode == .verifyFull else {
            throw ParameterReader.misfit(
                "sslrootcert",
                "is system, but TLS mode \(mode) does not verify the host",
                hint: "write sslmode=verify-full"
            )
        }
        try self.init(
            mode: mode,
            caFile: isSystem ? nil : caFile,
            certificateFile: try parameters.filePath("sslcert"),
            keyFile: try parameters.filePath("sslkey")
        )
    }

    private static func readMode(_ parameters: inout ParameterReader) throws(DatabaseError) -> TLSMode? {
        guard let word = try parameters.string("sslmode") else { return nil }
        if let mode = TLSMode(rawValue: word) { return mode }
        if ["allow", "prefer"].contains(word) {
            throw ParameterReader.misfit(
                "sslmode",
                "is \(word), which whoever sits in between turns into no TLS at all",
                hint: "write verify-full, or disable where TLS is not wanted"
            )
        }
        throw ParameterReader.misfit(
            "sslmode",
            "is none of: \(TLSMode.all.map(\.rawValue).joined(separator: ", "))"
        )
    }
}
