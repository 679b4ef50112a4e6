// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What the four types of this folder that tell dates and times have in common: a text of at most 30 bytes.
protocol TemporalText: Sendable {
    /// What the type's texts look like, as error messages name them.
    static var textForm: String { get }

    /// Whether the text has a date, so that eras, infinities and zero dates can occur.
    static var hasDate: Bool { get }

    /// Reads a value from where the scanner stands.
    init(scanning scanner: inout TextScanner, _ options: TemporalOptions) throws(TextFault)

    /// Writes the value.
    func write(with writer: inout TextWriter, _ style: TemporalStyle)
}

/// How a date or time is read.
struct TemporalOptions: OptionSet {
    let rawValue: UInt8

    /// A text without a time zone means UTC.
    static let assumingUTC = Self(rawValue: 1)
    /// The year is one before Christ: 1 is the astronomical year 0. Only to tell a good text from a bad one.
    static let beforeChrist = Self(rawValue: 2)
    /// `0000-00-00` is a date. Only to tell a good text from a bad one.
    static let zeroDate = Self(rawValue: 4)
    /// `24:00:00` is a time. Only to tell a good text from a bad one.
    static let endOfDay = Self(rawValue: 8)
}

/// How a date or time is written.
struct TemporalStyle {
    /// What stands between the date and the time.
    let separator: UInt8
    /// Whether six fraction digits are written even if they are zeros.
    let alwaysHasFraction: Bool

    /// SQL's own form, which every database reads.
    static let plain = Self(separator: UInt8(ascii: " "), alwaysHasFraction: false)
    /// ISO 8601, for JSON and the like.
    static let interchange = Self(separator: UInt8(ascii: "T"), alwaysHasFraction: false)
    /// The same number of bytes for every value, so that texts sort as the values do.
    static let sortable = Self(separator: UInt8(ascii: " "), alwaysHasFraction: true)
}

extension TemporalText {
    /// Reads a whole text, or says why it can't be read.
    @inline(__always)
    static func parse(
        _ text: UnsafeRawBufferPointer,
        _ options: TemporalOptions = []
    ) throws(DatabaseError) -> Self {
        do throws(TextFault) {
            return try scan(text, options)
        } catch {
            throw Self.error(error, in: text, options)
        }
    }

    /// Reads a whole string, or gives nil.
    static func parse(_ string: String) -> Self? {
        var string = string
        return string.withUTF8 { try? scan(UnsafeRawBufferPointer($0), []) }
    }

    @inline(__always)
    static func scan(_ text: UnsafeRawBufferPointer, _ options: TemporalOptions) throws(TextFault) -> Self {
        var scanner = TextScanner(text)
        let value = try Self(scanning: &scanner, options)
        try scanner.expectEnd()
        if scanner.isTooFine { throw .tooFine }
        return value
    }

    /// The value's text in a style.
    func string(_ style: TemporalStyle) -> String {
        TextWriter.string { write(with: &$0, style) }
    }

    /// Appends the value's text in a style.
    @inline(__always)
    func append(to buffer: inout [UInt8], _ style: TemporalStyle) {
        TextWriter.append(to: &buffer) { write(with: &$0, style) }
    }
}
