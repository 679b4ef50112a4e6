// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension LocalDateTime: TemporalText {
    static var textForm: String { "a date and time of the form YYYY-MM-DD HH:MM:SS[.ffffff]" }
    static var hasDate: Bool { true }

    init(scanning scanner: inout TextScanner, _ options: TemporalOptions) throws(TextFault) {
        let days = try scanner.date(options)
        try scanner.separator()
        let time = try scanner.time(options)
        guard let sum = Microseconds.sinceEpoch(days: days, time: time) else { throw .outOfRange }
        self.init(microsecondsSinceEpoch: sum)
    }

    func write(with writer: inout TextWriter, _ style: TemporalStyle) {
        let (days, time) = Microseconds.split(microsecondsSinceEpoch)
        writer.put(date: days)
        writer.put(style.separator)
        writer.put(time: time, style)
    }
}

extension LocalDateTime: LosslessStringConvertible {
    /// Reads a date and time from text as databases send it, in UTF-8: `2026-11-21 23:59:59.999999`.
    ///
    /// Between date and time stands a space or a `T`. A point is followed by at least one digit; from the seventh digit
    /// on there may be only zeros. Nothing may stand before or after, so no time zone either.
    ///
    /// - Throws: ``DatabaseError`` with the code `invalidValue` if the text has another form, if the calendar has no
    ///   such day or the day no such time, and for MariaDB's zero date; with `overflow` for PostgreSQL's infinities and
    ///   years BC, if the text is finer than a microsecond, and for what lies outside of the range.
    public init(parsing text: UnsafeRawBufferPointer) throws(DatabaseError) {
        self = try Self.parse(text)
    }

    /// Reads a date and time from a text such as `2026-11-21 23:59:59.5`, or gives nil if it is none.
    public init?(_ description: String) {
        guard let value = Self.parse(description) else { return nil }
        self = value
    }

    /// The date and time in SQL's form, as in `2026-11-21 23:59:59`, or `2026-11-21 23:59:59.500000` if there is a
    /// fraction; with a sign outside of the years 0 to 9999.
    public var description: String { string(.plain) }

    /// Appends ``description`` in UTF-8.
    public func write(to buffer: inout [UInt8]) {
        append(to: &buffer, .plain)
    }

    /// Appends the date and time in UTF-8, always with six fraction digits, so that texts sort as the values do.
    ///
    /// - Throws: ``DatabaseError`` with the code `invalidParameter` outside of the years 0 to 9999. Nothing is appended
    ///   then.
    public func writeSortable(to buffer: inout [UInt8]) throws(DatabaseError) {
        try date.requireFourDigitYear()
        append(to: &buffer, .sortable)
    }
}

extension LocalDateTime: Codable {
    /// Reads a date and time from a text such as `2026-11-21T23:59:59.5`.
    ///
    /// - Throws: `DecodingError` if there is no text or the text is no date and time.
    public init(from decoder: any Decoder) throws {
        self = try Self.decode(from: decoder)
    }

    /// Writes a text in ISO 8601, as in `2026-11-21T23:59:59`.
    ///
    /// - Throws: What the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        try encodeText(to: encoder)
    }
}
