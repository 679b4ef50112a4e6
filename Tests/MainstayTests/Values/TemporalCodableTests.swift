// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct TemporalCodableTests {
    private struct All: Codable, Equatable {
        var date: LocalDate
        var time: LocalTime
        var dateTime: LocalDateTime
        var timestamp: Timestamp
    }

    private let json = """
        {"date":"2026-11-21","dateTime":"2026-11-21T03:33:00.500000","time":"03:33:00",\
        "timestamp":"1970-01-01T00:00:00Z"}
        """

    @Test("Dates and times are texts of ISO 8601 in JSON")
    func roundTrip() throws {
        let all = All(
            date: LocalDate(daysSinceEpoch: 20_778),
            time: try LocalTime(hour: 3, minute: 33),
            dateTime: LocalDateTime(microsecondsSinceEpoch: 1_795_231_980_500_000),
            timestamp: Timestamp(microsecondsSinceEpoch: 0)
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(String(decoding: try encoder.encode(all), as: UTF8.self) == json)
        #expect(try JSONDecoder().decode(All.self, from: Data(json.utf8)) == all)
    }

    @Test(
        "A text that is none is a decoding error that names its place and its cause",
        arguments: [
            ("2026-11-21\"", "2026-11-31\"", "date"), ("\"03:33:00\"", "\"3:33\"", "time"),
            ("03:33:00.500000", "03:33:00.500000Z", "dateTime"), ("00:00:00Z", "00:00:00", "timestamp"),
        ]
    )
    func badTexts(good: String, bad: String, key: String) throws {
        let broken = Data(json.replacing(good, with: bad).utf8)
        do {
            _ = try JSONDecoder().decode(All.self, from: broken)
            Issue.record("decoded")
        } catch DecodingError.dataCorrupted(let context) {
            #expect(context.codingPath.map(\.stringValue) == [key])
            #expect((context.underlyingError as? DatabaseError)?.code == .invalidValue)
        }
    }
}
