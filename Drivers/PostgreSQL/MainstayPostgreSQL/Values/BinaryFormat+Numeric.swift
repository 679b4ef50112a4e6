// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension BinaryFormat {
    /// Reads a `numeric`, and writes it as the server would: all digits of its scale, and no exponent.
    ///
    /// It comes as digits to the base of 10,000 with the weight of the first, a sign, and how many decimal digits follow
    /// the point.
    static func numeric(_ bytes: UnsafeRawBufferPointer, _ storage: RowStorage) throws(DatabaseError) -> Cell {
        var reader = BinaryReader(bytes)
        guard let count = reader.next(UInt16.self), let weight = reader.next(Int16.self),
            let sign = reader.next(UInt16.self), let scale = reader.next(UInt16.self),
            reader.count == Int(count) * 2, scale <= 0x3FFF
        else { throw .malformed("numeric") }
        switch sign {
        case 0x0000, 0x4000: break
        case 0xC000: return .decimal(storage.copy("NaN"))
        case 0xD000: return .decimal(storage.copy("Infinity"))
        case 0xF000: return .decimal(storage.copy("-Infinity"))
        default: throw .malformed("numeric")
        }
        guard let digits = reader.next(bytes: Int(count) * 2) else { throw .malformed("numeric") }
        let groups = Groups(digits: digits, weight: Int(weight))
        // The sign, the groups before the point or a zero, the point, and the last group perhaps in full.
        var text = TextWriter(storage.allocate(1 + 4 * max(1, Int(weight) + 1) + 1 + Int(scale) + 4))
        if sign != 0 { text.put(UInt8(ascii: "-")) }
        try text.put(groups, scale: Int(scale))
        storage.shrinkLast(by: text.unused)
        return .decimal(text.written)
    }

    /// Digits to the base of 10,000.
    private struct Groups {
        let digits: UnsafeRawBufferPointer
        let weight: Int

        /// The digit of a power of 10,000; zero where there is none.
        func digit(_ power: Int) throws(DatabaseError) -> UInt16 {
            let index = (weight - power) * 2
            guard 0..<digits.count ~= index else { return 0 }
            let digit = UInt16(bigEndian: digits.loadUnaligned(fromByteOffset: index, as: UInt16.self))
            guard digit < 10_000 else { throw .malformed("numeric") }
            return digit
        }
    }

    /// Writes into memory that is large enough.
    private struct TextWriter {
        private let buffer: UnsafeMutableRawBufferPointer
        private var count = 0

        init(_ buffer: UnsafeMutableRawBufferPointer) {
            self.buffer = buffer
        }

        var written: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[..<count]) }
        var unused: Int { buffer.count - count }

        mutating func put(_ byte: UInt8) {
            buffer[count] = byte
            count += 1
        }

        mutating func put(_ groups: Groups, scale: Int) throws(DatabaseError) {
            var isLeading = true
            for power in stride(from: groups.weight, through: 0, by: -1) {
                put(try groups.digit(power), isLeading: &isLeading)
            }
            if isLeading { put(UInt8(ascii: "0")) }
            guard scale > 0 else { return }
            put(UInt8(ascii: "."))
            isLeading = false
            for power in 1...(scale + 3) / 4 {
                put(try groups.digit(-power), isLeading: &isLeading)
            }
            // The last group may go further than the scale.
            count -= (scale + 3) / 4 * 4 - scale
        }

        /// Writes four digits, without the zeros that the whole number would begin with.
        private mutating func put(_ group: UInt16, isLeading: inout Bool) {
            var divisor: UInt16 = 1000
            while divisor > 0 {
                let digit = UInt8(group / divisor % 10)
                if digit != 0 { isLeading = false }
                if !isLeading { put(UInt8(ascii: "0") + digit) }
                divisor /= 10
            }
        }
    }
}
