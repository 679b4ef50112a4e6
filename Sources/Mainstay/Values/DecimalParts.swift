// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A decimal number taken apart: sign, the significant digits as an integer, and a power of ten.
struct DecimalParts {
    /// Whether the number has a minus; zero may have one, too.
    private(set) var isNegative = false
    /// The digits from the first to the last that is not zero.
    private(set) var significand: UInt128 = 0
    /// The power of ten that the significand is multiplied by.
    private(set) var exponent = 0
    /// How many digits the significand has; 0 if the number is zero.
    private(set) var digitCount = 0
    /// Whether the significand holds all digits: those of a longer number are counted, but lost.
    private(set) var isExact = true

    private init() {}

    /// Takes a whole text of the form `[+-]digits[.digits][e[+-]digits]` apart, or gives nil if it has another form.
    init?(_ text: UnsafeRawBufferPointer) {
        self.init()
        var scanner = TextScanner(text)
        isNegative = scanner.sign()
        // Zeros are held back until another digit follows, so that those at the end never get in.
        var zeros = 0
        let start = scanner.position
        while let digit = scanner.digit() { append(digit, &zeros) }
        guard scanner.position > start else { return nil }
        var scale = 0
        if scanner.take(UInt8(ascii: ".")) {
            let point = scanner.position
            while let digit = scanner.digit() { append(digit, &zeros) }
            scale = scanner.position - point
            guard scale > 0 else { return nil }
        }
        var power = 0
        if scanner.take(UInt8(ascii: "e"), or: UInt8(ascii: "E")) {
            guard let explicit = Self.power(&scanner) else { return nil }
            power = explicit
        }
        guard scanner.isAtEnd else { return nil }
        if digitCount > 0 { exponent = power - scale + zeros }
    }

    @inline(__always)
    private mutating func append(_ digit: UInt8, _ zeros: inout Int) {
        guard digit != 0 else {
            zeros += digitCount > 0 ? 1 : 0
            return
        }
        digitCount += zeros + 1
        if digitCount <= 19 {
            // No UInt64 of nineteen digits overflows, and it multiplies faster.
            var low = UInt64(truncatingIfNeeded: significand)
            for _ in 0...zeros { low &*= 10 }
            significand = UInt128(low &+ UInt64(digit))
        } else if digitCount <= 39 {
            appendWide(digit, zeros)
        } else {
            isExact = false
        }
        zeros = 0
    }

    private mutating func appendWide(_ digit: UInt8, _ zeros: Int) {
        for _ in 0...zeros {
            let (product, overflow) = significand.multipliedReportingOverflow(by: 10)
            if overflow { isExact = false }
            significand = product
        }
        let (sum, overflow) = significand.addingReportingOverflow(UInt128(digit))
        if overflow { isExact = false }
        significand = sum
    }

    /// The number after the `e`. Beyond what any buffer's length could make up for, digits are read and ignored.
    private static func power(_ scanner: inout TextScanner) -> Int? {
        let isNegative = scanner.sign()
        let start = scanner.position
        var power = 0
        while let digit = scanner.digit() {
            if power < Int.max / 1_000 { power = power * 10 + Int(digit) }
        }
        guard scanner.position > start else { return nil }
        return isNegative ? -power : power
    }
}
