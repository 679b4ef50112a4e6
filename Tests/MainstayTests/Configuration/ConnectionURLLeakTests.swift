// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

/// No error and no description shows a password, however mangled the URL is that holds it.
struct ConnectionURLLeakTests {
    /// Everything that a program may print on the way from a text to a configuration.
    static func output(of text: String) -> (url: ConnectionURL?, error: DatabaseError?, text: String) {
        var output = ""
        func show(_ value: Any) {
            dump(value, to: &output)
            output += " \(value) \(String(reflecting: value))\n"
        }
        var parsed: ConnectionURL?
        do throws(DatabaseError) {
            let url = try ConnectionURL(text)
            parsed = url
            show(url)
            show(url.parameters)
            if !url.hasAuthority || url.scheme == "sqlite" { _ = try url.fileLocation() }
            var reader = ParameterReader(url)
            show(reader)
            let configuration = try ServerConfiguration(
                url: url,
                schemes: ["postgresql", "postgres"],
                defaultPort: 5432,
                socket: .directory(parameter: "host"),
                parameters: &reader
            )
            show(configuration)
            try reader.finish()
            return (parsed, nil, output)
        } catch {
            show(error)
            show(error.message)
            show(error.hint ?? "")
            show(error.sensitiveDetail ?? "")
            show(error.cause ?? error)
            return (parsed, error, output)
        }
    }

    /// The first five successive characters of the password that a text contains, in whatever case.
    static func leak(of password: String, in text: String) -> String? {
        let pieces = Set(windows(of: password))
        return windows(of: text).first(where: pieces.contains).map { window in
            String(decoding: (0..<5).reversed().map { UInt8(truncatingIfNeeded: window >> ($0 * 8)) }, as: UTF8.self)
        }
    }

    /// Every five successive bytes of a text, in lower case, as one number: searching for strings took seconds.
    private static func windows(of text: String) -> [UInt64] {
        var window: UInt64 = 0
        let windows = text.utf8.map { byte in
            let isUpperCase = UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
            window = window << 8 & 0xFF_FFFF_FFFF | UInt64(isUpperCase ? byte | 0x20 : byte)
            return window
        }
        return Array(windows.dropFirst(4))
    }

    @Test func findsALeak() throws {
        #expect(Self.leak(of: "hunter2SECRET", in: "the port R2sec is none") == "r2sec")
        #expect(Self.leak(of: "hunter2SECRET", in: "hunte") == "hunte")
        #expect(Self.leak(of: "hunter2SECRET", in: "hunt er2SE") == "er2se")
        #expect(Self.leak(of: "hunter2SECRET", in: "hunt r2se") == nil)
        #expect(Self.output(of: "postgres://hunter2SECRET@db").text.contains("hunter2SECRET"))
    }

    static let malformed: [String] = [
        "hunter2SECRET", "hunter2SECRET@db", "//u:hunter2SECRET@db/x", "/u:hunter2SECRET@db", "u/hunter2SECRET:x",
        "u:hunter2SECRET@db/x", "postgres:u:hunter2SECRET@db/x", "postgres:/u:hunter2SECRET@db/x",
        "postgres:///u:hunter2SECRET@db/x", "postgres:////u:hunter2SECRET@db/x", "postgres//u:hunter2SECRET@db/x",
        "post gres://u:hunter2SECRET@db", "1postgres://u:hunter2SECRET@db", "://u:hunter2SECRET@db",
        "postgres://u:hunter2SECRET", "postgres://u:hunter2SECRET/x", "postgres://u:hunter2SECRET?x=y",
        "postgres://u:hunter2SECRET:5432/x", "postgres://u:hunter2SECRETdb:5432/x", "postgres://u:1:hunter2SECRET",
        "postgres://u:hunter2SECRET@", "postgres://u:hunter2SECRET@/x", "postgres://u:hunter2SECRET@:5432/x",
        "postgres://:hunter2SECRET@db", "postgres://@:hunter2SECRET@db", "postgres://u:hunter2SECRET@@db",
        "postgres://u:hunter2SECRET@db:", "postgres://u:hunter2SECRET@db:x", "postgres://u:hunter2SECRET@db:0",
        "postgres://u:hunter2SECRET@db:99999", "postgres://u:hunter2SECRET@[::1", "postgres://u:hunter2SECRET@[db]",
        "postgres://u:hunter2SECRET@::1/x", "postgres://u:hunter2SECRET@a,b/x", "postgres://u:hunter2SECRET@d b/x",
        "postgres://u:hunter2SECRET@db/x#y", "postgres://u:hunter2SECRET@db/%", "postgres://u:hunter2SECRET@db/%FF",
        "postgres://u:hunter2SECRET@db/x/y", "postgres://u:hunter2SECRET@db?k", "postgres://u:hunter2SECRET@db?=v",
        "postgres://u:hunter2SECRET@db?k=1&k=2", "postgres://u:hunter2SECRET@db?sslmode=prefer",
        "postgres://u:hunter2SECRET@db?sslmode=nonsense", "postgres://u:hunter2SECRET@db?connect_timeout=10",
        "postgres://u:hunter2SECRET@db?connect_timeuot=10s", "postgres://u:hunter2SECRET@db?host=/run",
        "postgres://u:hunter2SECRET@%2Frun?sslmode=require", "pgsql://u:hunter2SECRET@db",
        "sqlite://u:hunter2SECRET@db/x", "sqlite:u:hunter2SECRET@db", "sqlite://hunter2SECRET",
        "sqlite:///hunter2SECRET/",
        "sqlite::hunter2SECRET", "postgres://u:hunter2SECRET@db?sslkey=/k", "postgres://u:hunter2SECRET@db?sslcert=~/c",
        "postgres://db?password=hunter2SECRET", "postgres://db?sslpassword=hunter2SECRET&x=%zz",
        "postgres://db?pasword=hunter2SECRET", "postgres://db?password=hunter2SECRET&password=x",
        "postgres://db?sslmode=hunter2SECRET", "postgres://db?connect_timeout=hunter2SECRET",
        "postgres://db?connect_timeout=1&password=hunter2SECRET", "postgres://db?keepalives_count=hunter2SECRET",
        "postgres://db?host=hunter2SECRET", "postgres://db?sslkey=hunter2SECRET", "postgres://db?hunter2SECRET",
        "postgres://u:hunter2SECRET\n@db", "postgres://u:hunter2SECRET@db\n", "postgres://u:hunter2SECRET\u{0}@db",
        "postgres://u:hunter2SECRET%00@db", "postgres://u:hunter2SECRET%FF@db", "postgres://u:hunter2SECRET%@db",
        "postgres://u:hunter2SECRET\\@db,db", "postgres://u;hunter2SECRET", "postgres://u,hunter2SECRET",
    ]

    @Test(arguments: malformed)
    func malformedURLsAreRefusedWithoutThePassword(text: String) throws {
        let (_, error, output) = Self.output(of: text)
        // A file's name may be printed, it is no password. An error may not print even that.
        #expect(error != nil)
        let shown = error.map { "\($0) \(String(reflecting: $0)) \($0.message) \($0.hint ?? "")" } ?? ""
        #expect(Self.leak(of: "hunter2SECRET", in: shown) == nil)
        if text.contains("@") || text.contains("password") || text.contains("pasword") {
            #expect(Self.leak(of: "hunter2SECRET", in: output) == nil)
        }
    }

    /// Everything that a URL's grammar has a use for, unescaped in the midst of a password.
    @Test(arguments: [
        "@", ":", "/", "?", "#", "%", "%4", " ", "\n", "\u{0}", "@@", "//", "://", "?x=", "/x?y=", "&", ",",
    ])
    func delimitersWithinAPasswordTellNothing(delimiter: String) {
        for (head, tail) in [
            ("hunter2", "SECRET"), ("", "hunter2SECRET"), ("hunter2SECRET", ""), ("12", "hunter2SECRET"),
        ] {
            for place in ["db", "db:5432/x", "[::1]:5432/x?sslmode=require", "/x?host=/run", ""] {
                let text = "postgres://u:\(head)\(delimiter)\(tail)@\(place)"
                let (url, _, output) = Self.output(of: text)
                #expect(Self.leak(of: "hunter2SECRET", in: output) == nil, "\(text)")
                // Nothing of it ends up in another field either.
                #expect(url == nil || url?.password == Secret("\(head)\(delimiter)\(tail)"), "\(text)")
            }
        }
    }

    /// One edit, anywhere, with anything: an insertion, a removal or a replacement.
    @Test func noSingleMistakeTellsThePassword() {
        let original = Array("postgres://user:hunter2SECRET@db:5432/x?sslmode=require")
        let pieces = ["", "@", ":", "/", "?", "#", "%", "&", "=", ",", "[", "]", " ", "\u{301}"]
        var refused = 0
        for position in original.indices {
            for piece in pieces {
                for dropped in 0...1 {
                    let text = String(original[..<position]) + piece + String(original[(position + dropped)...])
                    let (url, error, output) = Self.output(of: text)
                    if error != nil { refused += 1 }
                    let shown = error.map { "\($0)" } ?? ""
                    #expect(Self.leak(of: "hunter2SECRET", in: shown) == nil, "\(text)")
                    // Without the colon, the password is a part of the user's name, and nobody can know.
                    if Self.leak(of: "hunter2SECRET", in: url?.user ?? "") == nil {
                        #expect(Self.leak(of: "hunter2SECRET", in: output) == nil, "\(text)")
                    }
                }
            }
        }
        #expect(refused > 1000)
    }
}
