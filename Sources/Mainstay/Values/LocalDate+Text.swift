// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension LocalDate: TemporalText {
    static var textForm: String { "a date of the form YYYY-MM-DD" }
    static var hasDate: Bool { true }

    init(scanning scanner: inout TextScanner, _ options: TemporalOptions) throws(TextFault) {
        self.init(daysSinceEpoch: try scanner.date(options))
    }

    func write(with writer: inout TextWriter, _ style: TemporalStyle) {
        writer.put(date: daysSinceEpoch)
    }
}

extension LocalDate: LosslessStringConvertible {
    /// Reads a date from text as databases send it, in UTF-8: `2026-11-21`.
    ///
    /// Years above 9999 have more digits, with or without a plus; years below 0 have a minus. Nothing may stand before
    /// or after the date.
    ///
    /// - Throws: ``DatabaseError`` with the code `invalidValue` if the text has another form, if the calendar has no
    ///   such day, and for MariaDB's zero date; with `overflow` for PostgreSQL's infinities and years BC, and for what
    ///   lies outside of the range.
    public init(parsing text: UnsafeRawBufferPointer) throws(DatabaseError) {
        self = try Self.parse(text)
    }

    /// Reads a date from a text such as `2026-11-21`, or gives nil if it is none.
    public init?(_ description: String) {
        guard let value = Self.parse(description) else { return nil }
        self = value
    }

    /// The date in ISO 8601, as in `2026-11-21`; with a sign outside of the years 0 to 9999, as in `+10000-01-01`.
    public var description: String { string(.plain) }

    /// Appends ``description`` in UTF-8.
    public func write(to buffer: inout [UInt8]) {
        append(to: &buffer, .plain)
    }

    /// Appends ``description`` in UTF-8 if it has the ten bytes with which texts sort as the dates do.
    ///
    /// - Throws: ``DatabaseError`` with the code `invalidParameter` outside of the years 0 to 9999. Nothing is appended
    ///   then.
    public func writeSortable(to buffer: inout [UInt8]) throws(DatabaseError) {
        try requireFourDigitYear()
        append(to: &buffer, .sortable)
    }

    /// A sign would sort before all digits, so that what has one can't be compared as a text.
    func requireFourDigitYear() throws(DatabaseError) {
        guard CivilCalendar.fourDigitYears ~= daysSinceEpoch else {
            throw DatabaseError(
                .invalidParameter,
                "only dates of the years 0 to 9999 can be stored as a text that sorts"
            )
        }
    }
}

extension LocalDate: Codable {
    /// Reads a date from a text such as `2026-11-21`.
    ///
    /// - Throws: `DecodingError` if there is no text or the text is no date.
    public init(from decoder: any Decoder) throws {
        self = try Self.decode(from: decoder)
    }

    /// Writes ``description``.
    ///
    /// - Throws: What the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        try encodeText(to: encoder)
    }
}
