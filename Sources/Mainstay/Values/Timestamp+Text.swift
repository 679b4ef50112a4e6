// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension Timestamp: TemporalText {
    static var textForm: String { "an instant of the form YYYY-MM-DD HH:MM:SS[.ffffff]Z" }
    static var hasDate: Bool { true }

    init(scanning scanner: inout TextScanner, _ options: TemporalOptions) throws(TextFault) {
        let days = try scanner.date(options)
        try scanner.separator()
        let time = try scanner.time(options)
        let zone = try scanner.zone(options)
        guard let sum = Microseconds.sinceEpoch(days: days, time: time, minus: zone) else { throw .outOfRange }
        self.init(microsecondsSinceEpoch: sum)
    }

    func write(with writer: inout TextWriter, _ style: TemporalStyle) {
        LocalDateTime(microsecondsSinceEpoch: microsecondsSinceEpoch).write(with: &writer, style)
        writer.put(UInt8(ascii: "Z"))
    }
}

extension Timestamp: LosslessStringConvertible {
    /// Reads an instant from text as databases send it, in UTF-8: `2026-11-21 23:59:59.999999+05:30`.
    ///
    /// Between date and time stands a space or a `T`. A point is followed by at least one digit; from the seventh digit
    /// on there may be only zeros. The zone is `Z`, `±HH`, `±HHMM`, `±HH:MM` or `±HH:MM:SS`, less than 16 hours.
    /// Nothing may stand before or after.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - assumingUTC: Whether a text without a zone is taken as UTC; otherwise it is refused.
    /// - Throws: ``DatabaseError`` with the code `invalidValue` if the text has another form or lacks its zone, if the
    ///   calendar has no such day or the day no such time, and for MariaDB's zero date; with `overflow` for
    ///   PostgreSQL's infinities and years BC, if the text is finer than a microsecond, and for what lies outside of
    ///   the range.
    public init(parsing text: UnsafeRawBufferPointer, assumingUTC: Bool) throws(DatabaseError) {
        self = try Self.parse(text, assumingUTC ? .assumingUTC : [])
    }

    /// Reads an instant from a text with a zone such as `2026-11-21 23:59:59.5Z`, or gives nil if it is none.
    public init?(_ description: String) {
        guard let value = Self.parse(description) else { return nil }
        self = value
    }

    /// The instant in UTC, as in `2026-11-21 23:59:59Z`, or `2026-11-21 23:59:59.500000Z` if there is a fraction; with
    /// a sign outside of the years 0 to 9999.
    public var description: String { string(.plain) }

    /// Appends ``description`` in UTF-8.
    public func write(to buffer: inout [UInt8]) {
        append(to: &buffer, .plain)
    }

    /// Appends the instant in UTF-8, always with six fraction digits, so that texts sort as the instants do.
    ///
    /// - Throws: ``DatabaseError`` with the code `invalidParameter` outside of the years 0 to 9999. Nothing is appended
    ///   then.
    public func writeSortable(to buffer: inout [UInt8]) throws(DatabaseError) {
        try LocalDateTime(microsecondsSinceEpoch: microsecondsSinceEpoch).date.requireFourDigitYear()
        append(to: &buffer, .sortable)
    }
}

extension Timestamp: Codable {
    /// Reads an instant from a text with a zone such as `2026-11-21T23:59:59.5Z`.
    ///
    /// - Throws: `DecodingError` if there is no text or the text is no instant.
    public init(from decoder: any Decoder) throws {
        self = try Self.decode(from: decoder)
    }

    /// Writes a text in ISO 8601, as in `2026-11-21T23:59:59Z`.
    ///
    /// - Throws: What the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        try encodeText(to: encoder)
    }
}
