// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

/// Steele, Lea and Flood's SplitMix64: the same numbers for the same seed, everywhere.
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Text of up to 20 scalars, half of them ASCII and so often delimiters, none of them U+0000.
    mutating func text() -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...20, using: &self) {
            let limit: UInt32 = Bool.random(using: &self) ? 0x7F : 0x10FFFF
            guard let scalar = Unicode.Scalar(UInt32.random(in: 1...limit, using: &self)) else { continue }
            text.unicodeScalars.append(scalar)
        }
        return text
    }
}

struct ConnectionURLRandomTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func everyTextSurvivesEncoding(seed: UInt64) throws {
        var random = SplitMix64(state: seed)
        for _ in 0..<300 {
            let (user, password, database, value) = (random.text(), random.text(), random.text(), random.text())
            let encoded = [user, password, database, value].map(ConnectionURL.percentEncoded)
            #expect(encoded.allSatisfy { $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } })
            let url = try ConnectionURL("pg://u\(encoded[0]):\(encoded[1])@db/d\(encoded[2])?k=\(encoded[3])")
            // Bytes are compared: strings are equal when their characters are.
            #expect(url.user?.utf8.elementsEqual("u\(user)".utf8) == true)
            #expect(url.password == Secret(password))
            #expect(url.database?.utf8.elementsEqual("d\(database)".utf8) == true)
            #expect(url.parameters[0].value.utf8.elementsEqual(value.utf8))
        }
    }

    /// Strings of bytes and strings of what URLs are made of: whatever is accepted describes itself such that the
    /// description is read as the same URL, and every function that reads URLs takes it without trapping.
    @Test(arguments: [11, 12, 13, 14] as [UInt64])
    func nothingTraps(seed: UInt64) throws {
        let tokens = [
            "postgresql", "sqlite", "://", ":", "/", "//", "@", "?", "&", "=", "#", "%", "%4", "%40", "%00", "%FF",
            "%2F",
            "[", "]", "[::1]", "::1", ",", "+", "user", "db", "5432", "0", "99999999999999999999", ":memory:",
            "sslmode",
            "connect_timeout", "10s", "é", "\u{301}", " ", "\u{0}", "🔑", "keepalives_count", "-9223372036854775808",
        ]
        var random = SplitMix64(state: seed)
        var accepted = 0
        for round in 0..<2000 {
            let text =
                if round.isMultiple(of: 2) {
                    String(
                        decoding: (0..<Int.random(in: 0...40, using: &random)).map { _ in
                            UInt8.random(in: 0...255, using: &random)
                        },
                        as: UTF8.self
                    )
                } else {
                    ["a:", "a://", ""].randomElement(using: &random)!
                        + (0..<Int.random(in: 0...12, using: &random)).map { _ in tokens.randomElement(using: &random)!
                        }
                        .joined()
                }
            guard let url = try? ConnectionURL(text) else { continue }
            accepted += 1
            let again = try ConnectionURL(url.description)
            #expect(again.description == url.description)
            #expect(again.host == url.host && again.path == url.path && again.user == url.user)
            _ = try? url.fileLocation()
            _ = try? ServerConfiguration(anyServer: url)
        }
        // Or else nothing was tested.
        #expect(accepted > 50)
    }

    @Test(arguments: [21, 22] as [UInt64])
    func noParameterTraps(seed: UInt64) throws {
        enum Word: String, CaseIterable { case one, two }
        let values = [
            "", "0", "-0", "-1", "+1", "1", "1s", "1ms", "1m", "1h", "9223372036854775807h", "9223372036854775808s",
            "-1s", "ms", "s", "1 s", "1.5s", "~", "/", "one", "é", "١s",
        ]
        var random = SplitMix64(state: seed)
        for _ in 0..<1000 {
            let value = values.randomElement(using: &random)! + (Bool.random(using: &random) ? random.text() : "")
            let url = try ConnectionURL("a://b?k=\(ConnectionURL.percentEncoded(value))")
            var reader = ParameterReader(url)
            _ = try? reader.string("k")
            _ = try? reader.bool("k")
            _ = try? reader.int("k", in: Int.min...Int.max)
            _ = try? reader.duration("k", in: .seconds(Int64.min) ... .seconds(Int64.max))
            _ = try? reader.filePath("k")
            _ = try? reader.choice("k", as: Word.self)
            try reader.finish()
        }
    }
}

extension ServerConfiguration {
    /// Reads a URL as the driver of its scheme would.
    fileprivate init(anyServer url: ConnectionURL) throws(DatabaseError) {
        var parameters = ParameterReader(url)
        try self.init(
            url: url,
            schemes: [url.scheme],
            defaultPort: 1,
            socket: .file(parameter: "socket"),
            parameters: &parameters
        )
        try parameters.finish()
    }
}
