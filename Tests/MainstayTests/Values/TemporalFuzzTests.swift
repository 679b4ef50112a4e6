// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

struct TemporalFuzzTests {
    /// Parses bytes as all four types; each gives a value that survives its own text, or one of two errors.
    private func check(_ bytes: [UInt8]) -> Bool {
        func isFine<Value: LosslessStringConvertible & Equatable>(
            _ parse: (UnsafeRawBufferPointer) throws(DatabaseError) -> Value
        ) -> Bool {
            do throws(DatabaseError) {
                let value = try ValueTests.bytes(bytes, parse)
                return Value(value.description) == value
            } catch {
                return error.code == .invalidValue || error.code == .overflow
            }
        }
        return isFine { text throws(DatabaseError) in try LocalDate(parsing: text) }
            && isFine { text throws(DatabaseError) in try LocalTime(parsing: text) }
            && isFine { text throws(DatabaseError) in try LocalDateTime(parsing: text) }
            && isFine { text throws(DatabaseError) in try Timestamp(parsing: text, assumingUTC: false) }
            && isFine { text throws(DatabaseError) in try Timestamp(parsing: text, assumingUTC: true) }
    }

    @Test("Random bytes give a value or an error")
    func noise() {
        var generator = ValueTests.Generator(seed: 9)
        for _ in 0..<3_000 {
            let bytes = ValueTests.noise(&generator)
            guard check(bytes) else {
                Issue.record("\(String(decoding: bytes, as: UTF8.self)) of \(bytes)")
                return
            }
        }
    }

    @Test(
        "Damaged texts give a value or an error",
        arguments: [
            "2026-11-21", "0044-03-15 BC", "03:33:00.123456", "2026-11-21 03:33:00.123456",
            "+294247-01-10 04:00:54.775807", "-290308-12-21 19:59:05.224192Z", "2026-11-21T03:33:00.5+05:30:15",
            "0000-00-00 00:00:00", "-infinity", "+5881580-07-11", "-5877641-06-23", "0005-02-29 10:00:00+00 BC",
            "24:00:00",
        ]
    )
    func damage(text: String) {
        var generator = ValueTests.Generator(seed: 10)
        #expect(check(Array(text.utf8)))
        for length in 0...text.utf8.count { #expect(check(Array(text.utf8.prefix(length)))) }
        for _ in 0..<300 {
            let bytes = ValueTests.mutation(of: text, &generator)
            guard check(bytes) else {
                Issue.record("\(String(decoding: bytes, as: UTF8.self)) of \(bytes)")
                return
            }
        }
    }

    @Test("An empty buffer without an address is no value")
    func noAddress() {
        let empty = UnsafeRawBufferPointer(start: nil, count: 0)
        #expect(ValueTests.code { () throws(DatabaseError) in _ = try LocalDate(parsing: empty) } == .invalidValue)
        #expect(ValueTests.code { () throws(DatabaseError) in _ = try LocalTime(parsing: empty) } == .invalidValue)
        #expect(ValueTests.code { () throws(DatabaseError) in _ = try LocalDateTime(parsing: empty) } == .invalidValue)
        let code = ValueTests.code { () throws(DatabaseError) in _ = try Timestamp(parsing: empty, assumingUTC: true) }
        #expect(code == .invalidValue)
    }
}
