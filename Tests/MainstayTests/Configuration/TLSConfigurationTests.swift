// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

struct TLSConfigurationTests {
    private func read(_ query: String, host: String = "db.example.com") throws -> TLSConfiguration {
        let url = try ConnectionURL("a://b?\(query)")
        var parameters = ParameterReader(url)
        let configuration = try TLSConfiguration(parameters: &parameters, host: host)
        try parameters.finish()
        return configuration
    }

    @Test(arguments: [
        "localhost", "LocalHost", "127.0.0.1", "127.255.255.254", "::1", "0:0:0:0:0:0:0:1", "/run/postgresql", "/",
    ])
    func isNotDemandedWhereNobodySitsInBetween(host: String) {
        #expect(TLSMode.default(forHost: host) == .insecurePlaintext)
        #expect(TLSConfiguration.default(forHost: host).mode == .insecurePlaintext)
    }

    @Test(arguments: [
        "db", "example.com", "localhost.example.com", "localhost.", "127.0.0.1.example.com", "127.1", "126.0.0.1",
        "128.0.0.1", "0.0.0.0", "10.0.0.1", "::2", "::", "::ffff:127.0.0.1", "::1%lo", "[::1]", "", "2130706433",
        "127.0.0.1\u{0}.example.com", "localhost\u{0}.example.com", "::1\u{0}.example.com", "0127.0.0.1", "１27.0.0.1",
    ])
    func isVerifiedInFullEverywhereElse(host: String) {
        #expect(TLSMode.default(forHost: host) == .verifyFull)
        #expect(TLSConfiguration.default(forHost: host).mode == .verifyFull)
    }

    @Test(arguments: [
        ("disable", TLSMode.insecurePlaintext), ("require", .insecureUnverified), ("verify-full", .verifyFull),
    ])
    func modesAreLibpqsWords(word: String, mode: TLSMode) throws {
        #expect(try read("sslmode=\(word)").mode == mode)
        #expect(try read("sslmode=\(word)", host: "localhost").mode == mode)
        #expect(TLSMode(rawValue: word) == mode)
        #expect("\(mode)" == word)
    }

    @Test func verifyCAIsReadWithItsAuthority() throws {
        #expect(try read("sslmode=verify-ca&sslrootcert=/ca.pem").mode == .verifyCA)
        #expect(TLSMode.verifyCA.rawValue == "verify-ca")
    }

    @Test(arguments: ["allow", "prefer"])
    func modesThatCanBeStrippedAreRefused(word: String) throws {
        let error = try #require(throws: DatabaseError.self) { try read("sslmode=\(word)") }
        #expect(error.code == .invalidConfiguration)
        #expect(error.message.contains("\(word), which whoever sits in between turns into no TLS"))
        #expect(TLSMode(rawValue: word) == nil)
    }

    @Test(arguments: ["", "Verify-Full", "verify_full", "on", "required"])
    func otherModesAreRefused(word: String) throws {
        let error = try #require(throws: DatabaseError.self) { try read("sslmode=\(word)") }
        #expect(error.message.contains("\"sslmode\""))
        #expect(word.isEmpty || error.message.contains("verify-full, verify-ca, require, disable"))
        #expect(TLSMode(rawValue: word) == nil)
    }

    @Test func readsFiles() throws {
        let configuration = try read("sslmode=verify-ca&sslrootcert=/ca.pem&sslcert=c.pem&sslkey=k.pem")
        #expect(configuration.mode == .verifyCA)
        #expect(configuration.caFile == "/ca.pem")
        #expect(configuration.certificateFile == "c.pem")
        #expect(configuration.keyFile == "k.pem")
    }

    @Test func theSystemsAuthoritiesAreNoFile() throws {
        #expect(try read("sslrootcert=system").caFile == nil)
        #expect(try read("sslrootcert=./system").caFile == "./system")
        for query in ["sslmode=require", "sslmode=verify-ca", "sslmode=disable"] {
            #expect(throws: DatabaseError.self) { try read("\(query)&sslrootcert=system") }
        }
        #expect(throws: DatabaseError.self) { try read("sslrootcert=system", host: "localhost") }
    }

    @Test(arguments: [
        "sslcert=/c", "sslkey=/k", "sslmode=disable&sslrootcert=/ca", "sslmode=disable&sslcert=/c&sslkey=/k",
        "sslmode=verify-ca", "sslmode=require&sslrootcert=/ca", "sslrootcert=", "sslrootcert=~/ca",
    ])
    func contradictionsAreRefused(query: String) throws {
        let error = try #require(throws: DatabaseError.self) { try read(query) }
        #expect(error.code == .invalidConfiguration)
    }

    @Test func filesWithoutTLSOnLoopbackAreRefused() throws {
        let error = try #require(throws: DatabaseError.self) { try read("sslrootcert=/ca", host: "localhost") }
        #expect(error.hint?.contains("sslmode=verify-full") == true)
    }

    @Test(arguments: ["", "/ca\u{0}"])
    func pathsMustBePaths(path: String) {
        #expect(throws: DatabaseError.self) { try TLSConfiguration(mode: .verifyFull, caFile: path) }
        #expect(throws: DatabaseError.self) {
            try TLSConfiguration(mode: .verifyFull, certificateFile: "/c", keyFile: path)
        }
        #expect(throws: DatabaseError.self) {
            try TLSConfiguration(mode: .verifyFull, certificateFile: path, keyFile: "/k")
        }
    }
}
