// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension LocalTime: TemporalText {
    static var textForm: String { "a time of the form HH:MM:SS[.ffffff]" }
    static var hasDate: Bool { false }

    init(scanning scanner: inout TextScanner, _ options: TemporalOptions) throws(TextFault) {
        self.init(unchecked: try scanner.time(options))
    }

    func write(with writer: inout TextWriter, _ style: TemporalStyle) {
        writer.put(time: microsecondsSinceMidnight, style)
    }
}

extension LocalTime: LosslessStringConvertible {
    /// Reads a time from text as databases send it, in UTF-8: `23:59:59` or `23:59:59.999999`.
    ///
    /// A point is followed by at least one digit; from the seventh digit on there may be only zeros. Nothing may stand
    /// before or after the time.
    ///
    /// - Throws: ``DatabaseError`` with the code `invalidValue` if the text has another form or the day has no such
    ///   time; with `overflow` for PostgreSQL's `24:00:00` and if the text is finer than a microsecond.
    public init(parsing text: UnsafeRawBufferPointer) throws(DatabaseError) {
        self = try Self.parse(text)
    }

    /// Reads a time from a text such as `23:59:59.5`, or gives nil if it is none.
    public init?(_ description: String) {
        guard let value = Self.parse(description) else { return nil }
        self = value
    }

    /// The time in ISO 8601, as in `23:59:59`, or `23:59:59.500000` if there is a fraction.
    public var description: String { string(.plain) }

    /// Appends ``description`` in UTF-8.
    public func write(to buffer: inout [UInt8]) {
        append(to: &buffer, .plain)
    }

    /// Appends the time in UTF-8, always with six fraction digits, so that texts sort as the times do.
    public func writeSortable(to buffer: inout [UInt8]) {
        append(to: &buffer, .sortable)
    }
}

extension LocalTime: Codable {
    /// Reads a time from a text such as `23:59:59.5`.
    ///
    /// - Throws: `DecodingError` if there is no text or the text is no time.
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
