// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Reads digits and single bytes from a UTF-8 text, without allocating and without leaving the buffer's bounds.
struct TextScanner {
    private let text: UnsafeRawBufferPointer
    private(set) var position = 0
    /// Whether more than six fraction digits were read, and not only zeros from the seventh on.
    ///
    /// It is no fault until the whole text is known to have the right form.
    var isTooFine = false

    init(_ text: UnsafeRawBufferPointer) {
        self.text = text
    }

    /// Whether the whole text was read.
    var isAtEnd: Bool { position == text.count }

    /// The next byte, which stays unread.
    var peek: UInt8? {
        @inline(__always) get { position < text.count ? text[position] : nil }
    }

    /// Reads one byte if it is the given one.
    @inline(__always)
    mutating func take(_ byte: UInt8) -> Bool {
        guard position < text.count, text[position] == byte else { return false }
        position += 1
        return true
    }

    /// Reads one byte if it is one of two.
    @inline(__always)
    mutating func take(_ byte: UInt8, or other: UInt8) -> Bool {
        take(byte) || take(other)
    }

    /// Reads one byte, which has to be the given one.
    @inline(__always)
    mutating func expect(_ byte: UInt8) throws(TextFault) {
        guard take(byte) else { throw .malformed }
    }

    /// Reads one byte if it is a digit.
    @inline(__always)
    mutating func digit() -> UInt8? {
        guard position < text.count else { return nil }
        let value = text[position] &- UInt8(ascii: "0")
        guard value <= 9 else { return nil }
        position += 1
        return value
    }

    /// Reads two digits.
    @inline(__always)
    mutating func twoDigits() throws(TextFault) -> Int64 {
        guard let tens = digit(), let ones = digit() else { throw .malformed }
        return Int64(tens) * 10 + Int64(ones)
    }

    /// Reads a sign, if there is one, and says whether it was a minus.
    @inline(__always)
    mutating func sign() -> Bool {
        if take(UInt8(ascii: "-")) { return true }
        _ = take(UInt8(ascii: "+"))
        return false
    }

    /// Throws unless the whole text was read.
    @inline(__always)
    func expectEnd() throws(TextFault) {
        guard isAtEnd else { throw .malformed }
    }
}
