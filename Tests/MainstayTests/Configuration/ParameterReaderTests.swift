// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

struct ParameterReaderTests {
    private enum Journal: String, CaseIterable {
        case wal, delete, cafe = "caf\u{E9}"
    }

    private func reader(_ value: String) throws -> ParameterReader {
        ParameterReader(try ConnectionURL("a://b?k=\(ConnectionURL.percentEncoded(value))"))
    }

    /// The error of a reading, which names the parameter and not its value.
    private func failure<Value>(
        _ value: String,
        _ read: (inout ParameterReader) throws -> Value
    ) throws -> DatabaseError {
        var reader = try reader(value)
        let error = try #require(throws: DatabaseError.self) { try read(&reader) }
        #expect(error.code == .invalidConfiguration)
        #expect(error.description.contains("parameter \"k\""))
        if value.count > 4 { #expect(!error.description.contains(value)) }
        return error
    }

    @Test func whatIsAbsentIsNil() throws {
        var reader = ParameterReader(try ConnectionURL("a://b?other=1"))
        #expect(try reader.string("k") == nil)
        #expect(reader.secret("k") == nil)
        #expect(try reader.filePath("k") == nil)
        #expect(try reader.bool("k") == nil)
        #expect(try reader.int("k", in: 0...1) == nil)
        #expect(try reader.duration("k", in: .zero ... .seconds(1)) == nil)
        #expect(try reader.choice("k", as: Journal.self) == nil)
    }

    @Test func readsTexts() throws {
        var reader = try reader("a b+c")
        #expect(try reader.string("k") == "a b+c")
        #expect(try reader.string("k") == "a b+c")
        #expect(reader.secret("k") == Secret("a b+c"))
        _ = try failure("") { try $0.string("k") }
        var empty = try self.reader("")
        #expect(empty.secret("k") == Secret(""))
    }

    @Test func readsPaths() throws {
        for path in ["/etc/ca.pem", "ca.pem", "./~x"] {
            var reader = try reader(path)
            #expect(try reader.filePath("k") == path)
        }
        for path in ["", "~/ca.pem", "~root/ca.pem"] { _ = try failure(path) { try $0.filePath("k") } }
    }

    @Test(arguments: [
        ("true", true), ("on", true), ("yes", true), ("1", true), ("false", false), ("off", false), ("no", false),
        ("0", false),
    ])
    func readsBooleans(text: String, value: Bool) throws {
        var reader = try reader(text)
        #expect(try reader.bool("k") == value)
    }

    @Test(arguments: ["", "True", "2", "maybe", " yes ", "t"])
    func refusesOtherBooleans(text: String) throws {
        _ = try failure(text) { try $0.bool("k") }
    }

    @Test(arguments: [("0", 0), ("-5", -5), ("10", 10), ("007", 7)])
    func readsNumbers(text: String, value: Int) throws {
        var reader = try reader(text)
        #expect(try reader.int("k", in: -5...10) == value)
    }

    @Test(arguments: ["", "-6", "11", "+1", "1.0", "1e1", "0x1", " 1", "1 ", "١", "99999999999999999999", "1_0", "-"])
    func refusesOtherNumbers(text: String) throws {
        let error = try failure(text) { try $0.int("k", in: -5...10) }
        #expect(error.message.contains("-5 to 10"))
    }

    @Test(arguments: [
        ("500ms", Duration.milliseconds(500)), ("30s", .seconds(30)), ("2m", .seconds(120)), ("1h", .seconds(3600)),
        ("0s", .zero), ("007s", .seconds(7)),
    ])
    func readsDurations(text: String, value: Duration) throws {
        var reader = try reader(text)
        #expect(try reader.duration("k", in: .zero ... .seconds(3600)) == value)
    }

    @Test(arguments: [
        "", "10", "s", "ms", "-1s", "+1s", "1.5s", "1 s", "1S", "1min", "1d", "1sm", "3601s", "61m", "2h", "١s",
        "9223372036854775807h", "9223372036854775808s",
        "144115188075855872h", // 2⁶⁴ · 28125 milliseconds, which is zero when it wraps around
    ])
    func refusesOtherDurations(text: String) throws {
        let error = try failure(text) { try $0.duration("k", in: .milliseconds(0) ... .seconds(3600)) }
        #expect(error.message.contains("0s to 1h"))
        #expect(error.hint == "write 500ms, 30s, 2m or 1h")
    }

    @Test(arguments: [
        (Duration.milliseconds(100), Duration.seconds(600), "100ms to 10m"), (.seconds(1), .seconds(90), "1s to 90s"),
        (.seconds(-1), .milliseconds(1500), "-1s to 1500ms"), (.microseconds(5), .seconds(7200), "5e-06 seconds to 2h"),
    ])
    func namesTheRangeOfADuration(lower: Duration, upper: Duration, text: String) throws {
        let error = try failure("x") { try $0.duration("k", in: lower...upper) }
        #expect(error.message.contains(text))
    }

    @Test func readsWords() throws {
        var reader = try reader("wal")
        #expect(try reader.choice("k") == Journal.wal)
        for text in ["", "WAL", "memory", "cafe\u{301}"] {
            let error = try failure(text) { try $0.choice("k", as: Journal.self) }
            #expect(error.message.contains("wal, delete"))
        }
    }

    @Test func finishesWhenEverythingWasRead() throws {
        var reader = ParameterReader(try ConnectionURL("a://b?one=1&two=2"))
        _ = try reader.string("two")
        #expect(throws: DatabaseError.self) { try reader.finish() }
        _ = try reader.int("one", in: 0...9)
        try reader.finish()
    }

    @Test func namesEveryUnknownParameterAndAllKnownOnes() throws {
        var reader = ParameterReader(
            try ConnectionURL("a://b?conect_timeout=hunter2&SSLMode=hunter2&nonsense=hunter2&mode=1")
        )
        for name in ["sslmode", "mode", "connect_timeout"] { _ = try reader.string(name) }
        let error = try #require(throws: DatabaseError.self) { try reader.finish() }
        #expect(error.code == .invalidConfiguration)
        #expect(error.message == "unknown parameters \"conect_timeout\", \"SSLMode\", \"nonsense\"")
        #expect(
            error.hint == """
                "connect_timeout" instead of "conect_timeout"? "sslmode" instead of "SSLMode"? \
                known are connect_timeout, mode, sslmode
                """
        )
    }

    @Test func suggestsNothingThatIsFarOff() throws {
        var reader = ParameterReader(try ConnectionURL("a://b?x=1"))
        #expect(throws: DatabaseError.self) { try reader.finish() }
        _ = try reader.string("mode")
        let error = try #require(throws: DatabaseError.self) { try reader.finish() }
        #expect(error.message == "unknown parameter \"x\"")
        #expect(error.hint == "known are mode")
    }

    @Test(arguments: [
        ("sslmdoe", "sslmode"), ("ssl_mode", "sslmode"), ("connecttimeout", "connect_timeout"), ("poool", "pool"),
        ("ol", nil), ("timeout_connect", nil), ("ssl", nil),
    ])
    func suggestsTheClosestName(written: String, meant: String?) throws {
        var reader = ParameterReader(try ConnectionURL("a://b?\(written)=1"))
        for name in ["sslmode", "connect_timeout", "pool", "sslrootcert"] { _ = try reader.string(name) }
        let error = try #require(throws: DatabaseError.self) { try reader.finish() }
        let hint = try #require(error.hint)
        #expect(hint.contains("instead of") == (meant != nil))
        if let meant { #expect(hint.hasPrefix("\"\(meant)\" instead of \"\(written)\"?")) }
    }
}
