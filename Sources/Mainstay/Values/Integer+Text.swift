// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension Int64 {
    /// Reads an integer from text as databases send it, in UTF-8, or gives nil if the text is no such integer.
    ///
    /// The form is `[+-]digits[.zeros]`: PostgreSQL and MariaDB give the sum of integers as a decimal number, such as
    /// `42.000`. What has a fraction or an exponent, or lies outside of the range, is nil.
    public init?(integralText text: UnsafeRawBufferPointer) {
        guard let (isNegative, magnitude) = TextScanner.integer(text) else { return nil }
        if isNegative {
            // The magnitude of Int64.min is one more than that of Int64.max.
            guard magnitude <= Int64.min.magnitude else { return nil }
            self = Int64(truncatingIfNeeded: 0 &- magnitude)
        } else {
            self.init(exactly: magnitude)
        }
    }
}

extension UInt64 {
    /// Reads an integer from text as databases send it, in UTF-8, or gives nil if the text is no such integer.
    ///
    /// The form is `[+-]digits[.zeros]`. What has a fraction or an exponent, or lies outside of the range, is nil.
    public init?(integralText text: UnsafeRawBufferPointer) {
        guard let (isNegative, magnitude) = TextScanner.integer(text), !isNegative || magnitude == 0 else { return nil }
        self = magnitude
    }
}

extension TextScanner {
    /// Reads a whole text of the form `[+-]digits[.zeros]`, or gives nil if it has another form or too many digits.
    @inline(__always)
    fileprivate static func integer(_ text: UnsafeRawBufferPointer) -> (isNegative: Bool, magnitude: UInt64)? {
        var scanner = TextScanner(text)
        let isNegative = scanner.sign()
        let start = scanner.position
        var magnitude: UInt64 = 0
        while let digit = scanner.digit() {
            let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = product.addingReportingOverflow(UInt64(digit))
            guard !overflow, !sumOverflow else { return nil }
            magnitude = sum
        }
        guard scanner.position > start else { return nil }
        if scanner.take(UInt8(ascii: ".")) {
            let point = scanner.position
            while scanner.take(UInt8(ascii: "0")) {}
            guard scanner.position > point else { return nil }
        }
        return scanner.isAtEnd ? (isNegative, magnitude) : nil
    }
}
