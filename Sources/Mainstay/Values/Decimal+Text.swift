// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension Decimal {
    /// Reads a decimal number from text as databases send it, in UTF-8, without rounding.
    ///
    /// The form is `[+-]digits[.digits][e[+-]digits]`, whatever the user's locale. Zeros at the end of a fraction are
    /// not kept, because Foundation's `Decimal` does not keep them: `1.50` is 1.5. (`Decimal(string:)` rounds what is
    /// too long, and ignores what it does not understand.)
    ///
    /// - Throws: ``DatabaseError`` with the code `invalidValue` if the text has another form, and for `NaN` and
    ///   `Infinity`; with `overflow` if the number has more than 38 significant digits (39 if they fit into 128
    ///   bits), or if the last of them stands below 10⁻¹²⁸ or above 10¹²⁷.
    public init(exactly text: UnsafeRawBufferPointer) throws(DatabaseError) {
        guard let parts = DecimalParts(text) else {
            throw DatabaseError(
                .invalidValue,
                "not a decimal number",
                sensitiveDetail: String(decoding: text.prefix(64), as: UTF8.self)
            )
        }
        try self.init(parts)
    }

    /// The decimal number that a floating-point number stands for, if it has at most fifteen digits.
    ///
    /// SQLite keeps a decimal such as `12.30` as the `Double` nearest to it. Up to fifteen significant digits the way
    /// to a `Double` and back is lossless, so the shortest decimal that gives the same `Double` is the one that was
    /// meant. With more digits nobody can tell.
    ///
    /// - Throws: ``DatabaseError`` with the code `overflow` if there are more digits, or if they stand beyond the range
    ///   of `Decimal`; with `invalidValue` for what is infinite or not a number.
    public init(shortest value: Double) throws(DatabaseError) {
        guard value.isFinite else { throw DatabaseError(.invalidValue, "not a decimal number") }
        var text = value.description
        guard let parts = text.withUTF8({ DecimalParts(UnsafeRawBufferPointer($0)) }), parts.digitCount <= 15 else {
            throw DatabaseError(
                .overflow,
                "inexact: a floating-point number of more than 15 significant digits",
                hint: "Read Double, or store decimals as text."
            )
        }
        try self.init(parts)
    }

    private init(_ parts: DecimalParts) throws(DatabaseError) {
        // Decimal has no negative zero: a zero with a sign is its NaN.
        guard parts.digitCount > 0 else {
            self = 0
            return
        }
        guard parts.isExact else {
            throw DatabaseError(.overflow, "more significant digits than Decimal holds", hint: "Read a text.")
        }
        // Decimal itself would round to zero below, and give NaN above.
        guard -128...127 ~= parts.exponent, let significand = Self.integer(parts.significand) else {
            throw DatabaseError(.overflow, "outside of the range of Decimal", hint: "Read a text.")
        }
        self.init(sign: parts.isNegative ? .minus : .plus, exponent: parts.exponent, significand: significand)
    }

    /// The integer as a decimal; quicker for the small ones.
    static func integer(_ value: UInt128) -> Decimal? {
        if let small = UInt64(exactly: value) { return Decimal(small) }
        return Decimal(exactly: value)
    }
}
