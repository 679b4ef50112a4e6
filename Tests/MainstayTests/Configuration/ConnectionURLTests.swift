// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

struct ConnectionURLTests {
    struct Good: Sendable, CustomTestStringConvertible {
        var text: String
        var scheme = "postgresql"
        var user: String?
        var password: String?
        var host: String?
        var port: Int?
        var path: String?
        var database: String?
        var parameters: [String] = []
        /// What the description says, when not the text.
        var description: String?

        var testDescription: String { text }
    }

    static let good: [Good] = [
        Good(text: "postgresql://"),
        Good(text: "postgresql://db", host: "db"),
        Good(text: "PostgreSQL://db", host: "db", description: "postgresql://db"),
        Good(text: "a1+b-c.d://db", scheme: "a1+b-c.d", host: "db"),
        Good(text: "postgresql://db/", host: "db", path: "/"),
        Good(text: "postgresql://db:1", host: "db", port: 1),
        Good(text: "postgresql://db:65535/x", host: "db", port: 65535, path: "/x", database: "x"),
        Good(text: "postgresql://:5433/x", port: 5433, path: "/x", database: "x"),
        Good(text: "postgresql://app@db", user: "app", host: "db"),
        Good(text: "postgresql://app@/x", user: "app", path: "/x", database: "x"),
        Good(
            text: "postgresql://app:pw@db:5432/x?a=1&b=2",
            user: "app",
            password: "pw",
            host: "db",
            port: 5432,
            path: "/x",
            database: "x",
            parameters: ["a=1", "b=2"],
            description: "postgresql://app:***@db:5432/x?a=1&b=2"
        ),
        Good(
            text: "postgresql://app:@db",
            user: "app",
            password: "",
            host: "db",
            description: "postgresql://app:***@db"
        ),
        Good(
            text: "postgresql://a%40b%3Ac:%40%3A%2f%3F%23%25%20+@db",
            user: "a@b:c",
            password: "@:/?#% +",
            host: "db",
            description: "postgresql://a%40b%3Ac:***@db"
        ),
        Good(
            text: "postgresql://a+b:!$&'()*,;=[]^|@db/x+y?k=a+b",
            user: "a+b",
            password: "!$&'()*,;=[]^|",
            host: "db",
            path: "/x+y",
            database: "x+y",
            parameters: ["k=a+b"],
            description: "postgresql://a%2Bb:***@db/x%2By?k=a%2Bb"
        ),
        Good(
            text: "postgresql://jörg:größe@db/straße?k=ü",
            user: "jörg",
            password: "größe",
            host: "db",
            path: "/straße",
            database: "straße",
            parameters: ["k=ü"],
            description: "postgresql://j%C3%B6rg:***@db/stra%C3%9Fe?k=%C3%BC"
        ),
        Good(text: "postgresql://127.0.0.1:5432", host: "127.0.0.1", port: 5432),
        Good(text: "postgresql://[::1]", host: "::1"),
        Good(text: "postgresql://[2001:db8::1]:5432/x", host: "2001:db8::1", port: 5432, path: "/x", database: "x"),
        Good(text: "postgresql://app@[fe80::1%25eth0]:1", user: "app", host: "fe80::1%eth0", port: 1),
        Good(
            text: "postgresql://%2Fvar%2Frun%2Fpostgresql:5433/x",
            host: "/var/run/postgresql",
            port: 5433,
            path: "/x",
            database: "x"
        ),
        Good(text: "postgresql://my_host-1.example.com", host: "my_host-1.example.com"),
        Good(text: "postgresql://db/a%2Fb", host: "db", path: "/a/b", database: "a/b"),
        Good(text: "postgresql://db/a/b", host: "db", path: "/a/b", database: "a/b"),
        Good(text: "postgresql://db/a:b", host: "db", path: "/a:b", database: "a:b"),
        Good(text: "postgresql://db?k=v", host: "db", parameters: ["k=v"]),
        Good(text: "postgresql://db/?", host: "db", path: "/", description: "postgresql://db/"),
        Good(
            text: "postgresql:///x?host=/run/pg&z=&k=a=b?c",
            path: "/x",
            database: "x",
            parameters: ["host=/run/pg", "z=", "k=a=b?c"],
            description: "postgresql:///x?host=/run/pg&z=&k=a%3Db%3Fc"
        ),
        Good(text: "postgresql://db?a%2Eb=1", host: "db", parameters: ["a.b=1"], description: "postgresql://db?a.b=1"),
        Good(text: "sqlite:app.db", scheme: "sqlite", path: "app.db"),
        Good(text: "sqlite:data/app.db?mode=ro", scheme: "sqlite", path: "data/app.db", parameters: ["mode=ro"]),
        Good(text: "sqlite:/data/app.db", scheme: "sqlite", path: "/data/app.db"),
        Good(text: "sqlite:///data/app.db", scheme: "sqlite", path: "/data/app.db", database: "data/app.db"),
        Good(text: "sqlite::memory:", scheme: "sqlite", path: ":memory:"),
        Good(text: "sqlite:", scheme: "sqlite"),
        Good(text: "sqlite:me%40work%20%231.db", scheme: "sqlite", path: "me@work #1.db"),
    ]

    @Test(arguments: good)
    func isTakenApart(expected: Good) throws {
        let url = try ConnectionURL(expected.text)
        #expect(url.scheme == expected.scheme)
        #expect(url.hasAuthority == expected.text.contains("://"))
        #expect(url.user == expected.user)
        #expect(url.password?.withExposed { $0 } == expected.password)
        #expect(url.host == expected.host)
        #expect(url.port == expected.port)
        #expect(url.path == expected.path)
        #expect(url.database == expected.database)
        #expect(url.parameters.map { "\($0.name)=\($0.value)" } == expected.parameters)
        #expect(url.description == expected.description ?? expected.text)
        #expect(url.debugDescription == url.description)
        var dumped = ""
        dump(url, to: &dumped)
        #expect(dumped.contains(url.description))
    }

    /// What is refused, and a word of the message or hint.
    static let bad: [(text: String, reason: String)] = [
        ("", "scheme"), ("db", "scheme"), ("//db/x", "scheme"), ("://db", "scheme"), ("1a://db", "scheme"),
        ("a_b://db", "scheme"), ("pöst://db", "scheme"), ("db/x:y", "scheme"), ("%70g://db", "scheme"),
        ("abcdefghijklmnopqrstuvwxyz1234567://db", "scheme"),
        (" postgresql://db", "whitespace"), ("postgresql://db\n", "whitespace"), ("postgresql://d b", "whitespace"),
        ("postgresql://db/\u{7}", "invisible"), ("postgresql://db\u{0}", "invisible"),
        ("postgresql://db/\u{A0}", "whitespace"), ("postgresql://db/\u{200B}", "invisible"),
        ("postgresql://u:p\u{85}@db", "invisible"), ("\u{FEFF}postgresql://db", "invisible"),
        ("postgresql://db/x#y", "%23"), ("postgresql://u:p#q@db", "%23"), ("sqlite:a#b.db", "%23"),
        ("postgresql://u:p@q@db", "%40"), ("postgresql://u:p@db/x@y", "%40"), ("postgresql://u:p@db?k=@", "%40"),
        ("postgresql://u:12/3@db/x", "%2F"), ("postgresql://u:12?3=4@db/x", "%3F"), ("postgresql:///u:p@db/x", "%40"),
        ("postgresql:u:p@db/x", "%40"), ("postgresql:/u:p@db/x", "%40"), ("sqlite:me@work.db", "%40"),
        ("postgresql://u:p:q@db", "%3A"), ("postgresql://@db", "user is empty"),
        ("postgresql://:p@db", "user is empty"),
        ("postgresql://u%@db", "%25"), ("postgresql://u%4@db", "%25"), ("postgresql://u%4g@db", "%25"),
        ("postgresql://u%-1@db", "%25"), ("postgresql://u:100%@db", "password"), ("postgresql://db/%zz", "path"),
        ("postgresql://db?k=%zz", "\"k\""), ("postgresql://db?%zz=1", "name of a parameter"),
        ("postgresql://u%00@db", "U+0000"), ("postgresql://u:%00@db", "U+0000"), ("postgresql://db/%00", "U+0000"),
        ("postgresql://db?k=%00", "U+0000"), ("postgresql://%2Frun%00", "U+0000"),
        ("postgresql://u:%FF@db", "UTF-8"), ("postgresql://db/%C3", "UTF-8"), ("postgresql://db/%C0%80", "UTF-8"),
        ("postgresql://db/%ED%A0%80", "UTF-8"),
        ("postgresql://db:", "port"), ("postgresql://db:/x", "port"), ("postgresql://db:0", "port"),
        ("postgresql://db:65536", "port"), ("postgresql://db:99999999999999999999", "port"),
        ("postgresql://db:-1", "port"), ("postgresql://db:+1", "port"), ("postgresql://db:1a", "port"),
        ("postgresql://db:%31", "port"), ("postgresql://db:١", "port"), ("postgresql://[::1]:", "port"),
        ("postgresql://::1", "brackets"), ("postgresql://u@::1/x", "brackets"), ("postgresql://[::1", "brackets"),
        ("postgresql://[::1]x", "brackets"), ("postgresql://[db]", "IPv6"), ("postgresql://[]", "IPv6"),
        ("postgresql://[127.0.0.1]", "IPv6"), ("postgresql://[::1%25]", "IPv6"), ("postgresql://[::g]", "IPv6"),
        ("postgresql://[::1%25a/b]", "brackets"), ("postgresql://[::1%25a%2Fb]", "IPv6"),
        ("postgresql://db]", "host"), ("postgresql://d%20b", "host"), ("postgresql://d%2Fb", "host"),
        ("postgresql://d%40b", "host"), ("postgresql://dbü", "xn--"), ("postgresql://-db", "host"),
        ("postgresql://.db", "host"), ("postgresql://d\\b", "host"),
        ("postgresql://a,b/x", "several hosts"), ("postgresql://u:p@a:1,b:2/x", "several hosts"),
        ("postgresql://a%2Cb/x", "several hosts"),
        ("postgresql://db?k", "="), ("postgresql://db?=v", "name of a parameter"), ("postgresql://db?a=1&", "="),
        ("postgresql://db?&a=1", "="), ("postgresql://db?a=1&&b=2", "="), ("postgresql://db?a=1&a=1", "\"a\""),
        ("postgresql://db?a=1&%61=1", "\"a\""), ("postgresql://db?a%20b=1", "name of a parameter"),
        ("postgresql://db?ä=1", "name of a parameter"),
        ("sqlite://:memory:", "sqlite::memory:"), ("sqlite://:memory:?a=1", "sqlite::memory:"),
    ]

    @Test(arguments: bad)
    func isRefused(text: String, reason: String) throws {
        let error = try #require(throws: DatabaseError.self) { try ConnectionURL(text) }
        #expect(error.code == .invalidConfiguration)
        #expect(!error.isTransient)
        #expect(error.description.contains(reason))
    }

    @Test func takesNamesOfParametersUpTo64Characters() throws {
        let name = String(repeating: "n", count: 64)
        #expect(try ConnectionURL("a://b?\(name)=1").parameters.first?.name == name)
        #expect(throws: DatabaseError.self) { try ConnectionURL("a://b?\(name)n=1") }
    }

    @Test func combiningMarksDoNotHideDelimiters() throws {
        let url = try ConnectionURL("postgresql://u\u{301}:\u{301}p@\u{301}".replacing("@\u{301}", with: "@db"))
        #expect(url.password == Secret("\u{301}p"))
        #expect(throws: DatabaseError.self) { try ConnectionURL("postgresql://u:p@\u{301}q@db") }
        #expect(throws: DatabaseError.self) { try ConnectionURL("postgresql://db/x#\u{301}") }
    }

    @Test(arguments: [
        "password", "PASSWORD", "sslpassword", "pwd", "passwd", "pasword", "passwrd", "paswsord", "client_secret",
        "token", "key", "hexkey", "api_key", "credentials",
    ])
    func hidesParametersThatLookSecret(name: String) throws {
        let url = try ConnectionURL("postgresql://db?a=1&\(name)=hunter2&b=2")
        #expect(url.description == "postgresql://db?a=1&\(name)=***&b=2")
        #expect(url.parameters[1].isSecret)
        var dumped = ""
        dump(url, to: &dumped)
        dump(url.parameters, to: &dumped)
        dump(ParameterReader(url), to: &dumped)
        #expect(!"\(dumped) \(url.parameters) \(ParameterReader(url))".contains("hunter2"))
        #expect(url.parameters[1].value == "hunter2")
    }

    @Test(arguments: ["sslmode", "sslkey", "sslrootcert", "host", "connect_timeout", "mode", "application_name"])
    func showsParametersThatDoNot(name: String) throws {
        #expect(try ConnectionURL("a://b?\(name)=v").description == "a://b?\(name)=v")
    }

    @Test func isEqualWhenAllPartsAre() throws {
        let url = try ConnectionURL("postgresql://u:p@db/x?k=v")
        #expect(try url == ConnectionURL("POSTGRESQL://%75:%70@db/x?k=v"))
        #expect(try url != ConnectionURL("postgresql://u:q@db/x?k=v"))
        #expect(try ConnectionURL("a://b/c%2Fd") != ConnectionURL("a://b/c/d"))
    }
}

struct FileLocationTests {
    @Test(arguments: [
        ("sqlite::memory:", ConnectionURL.FileLocation.memory),
        ("sqlite:app.db", .path("app.db")), ("sqlite:data/app.db", .path("data/app.db")),
        ("sqlite:./:odd.db", .path("./:odd.db")), ("sqlite:../app.db", .path("../app.db")),
        ("sqlite:/data/app.db", .path("/data/app.db")), ("sqlite:///data/app.db", .path("/data/app.db")),
        ("sqlite:////data/app.db", .path("/data/app.db")), ("sqlite:///app.db?mode=ro", .path("/app.db")),
        ("sqlite:%C3%BC%20%25.db", .path("ü %.db")), ("sqlite:a//b.db", .path("a//b.db")),
    ])
    func isRead(text: String, location: ConnectionURL.FileLocation) throws {
        #expect(try ConnectionURL(text).fileLocation() == location)
    }

    @Test(arguments: [
        ("sqlite://", "sqlite::memory:"), ("sqlite:", "sqlite::memory:"), ("sqlite:?mode=ro", "sqlite::memory:"),
        ("sqlite://app.db", "sqlite:relative.db"), ("sqlite://data/app.db", "sqlite:relative.db"),
        ("sqlite://:1/app.db", "sqlite:relative.db"), ("sqlite://u@/app.db", "sqlite:relative.db"),
        ("sqlite:///:memory:", "sqlite::memory:"), ("sqlite:/:memory:", "sqlite::memory:"),
        ("sqlite::memory", "sqlite::memory:"), ("sqlite:::memory:", "sqlite::memory:"),
        ("sqlite:///", "directory"), ("sqlite:data/", "directory"), ("sqlite::memory:/", "directory"),
    ])
    func isRefusedWithTheFormsToWrite(text: String, hint: String) throws {
        let url = try ConnectionURL(text)
        let error = try #require(throws: DatabaseError.self) { try url.fileLocation() }
        #expect(error.code == .invalidConfiguration)
        #expect(error.description.contains(hint))
        #expect(error.hint != nil)
    }
}
