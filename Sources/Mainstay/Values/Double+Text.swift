// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension Double {
    /// Reads a number from text as databases send it, in UTF-8, or gives nil if the text is no number.
    ///
    /// The form is `[+-]digits[.digits][e[+-]digits]`, whatever the user's locale, or PostgreSQL's `NaN`, `Infinity` or
    /// `-Infinity`. The result is the `Double` nearest to the number. What is too large for any but infinity is nil.
    public init?(decimalText text: UnsafeRawBufferPointer) {
        guard let parts = DecimalParts(text) else {
            guard let special = Self.special(text) else { return nil }
            self = special
            return
        }
        if let value = Self.exact(parts) {
            self = value
            return
        }
        // The standard library rounds exactly and knows no locale. Its looser grammar is no harm: ours was met.
        guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else { return nil }
        self = value
    }

    /// The quick way for short numbers: two factors without error make a product or quotient that is rounded once.
    @inline(__always)
    private static func exact(_ parts: DecimalParts) -> Double? {
        guard parts.isExact, parts.significand <= 1 << 53, -22...22 ~= parts.exponent else { return nil }
        let digits = Double(UInt64(truncatingIfNeeded: parts.significand))
        let magnitude =
            parts.exponent < 0 ? digits / powersOfTen[-parts.exponent] : digits * powersOfTen[parts.exponent]
        return parts.isNegative ? -magnitude : magnitude
    }

    // The powers of ten that a Double holds exactly.
    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    private static func special(_ text: UnsafeRawBufferPointer) -> Double? {
        if text.elementsEqual("NaN".utf8) { return .nan }
        if text.elementsEqual("Infinity".utf8) { return .infinity }
        if text.elementsEqual("-Infinity".utf8) { return -.infinity }
        return nil
    }
}
