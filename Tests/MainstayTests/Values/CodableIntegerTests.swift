// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

/// Reading integers at the borders of their types.
struct CodableIntegerTests {
    /// An integer type that columns hold.
    enum Width: CaseIterable {
        case int8, int16, int32, int64, int, uint8, uint16, uint32, uint64, uint

        func check(_ body: (any Checker.Type) throws -> Void) rethrows {
            switch self {
            case .int8: try body(Check<Int8>.self)
            case .int16: try body(Check<Int16>.self)
            case .int32: try body(Check<Int32>.self)
            case .int64: try body(Check<Int64>.self)
            case .int: try body(Check<Int>.self)
            case .uint8: try body(Check<UInt8>.self)
            case .uint16: try body(Check<UInt16>.self)
            case .uint32: try body(Check<UInt32>.self)
            case .uint64: try body(Check<UInt64>.self)
            case .uint: try body(Check<UInt>.self)
            }
        }
    }

    protocol Checker {
        static func borders() throws
        static func floatingPoint() throws
        static func decimals() throws
        static func bindsItself() throws
    }

    private enum Check<Number: FixedWidthInteger & SQLCodable & Sendable>: Checker {
        private static func read(_ content: CellBox.Content) throws -> Number { try CodableSupport.read(content) }

        private static func overflows(_ content: CellBox.Content) {
            #expect(CodableSupport.code(content, as: Number.self) == .overflow, "\(Number.self) from \(content)")
        }

        /// All numbers that 64 bits can hold around the type's ends and zero.
        static func borders() throws {
            for number in [Number.min, Number.min + 1, 0, 1, Number.max - 1, Number.max] {
                if let signed = Int64(exactly: number) { #expect(try read(.integer(signed)) == number) }
                if let unsigned = UInt64(exactly: number) { #expect(try read(.unsigned(unsigned)) == number) }
            }
            for number in [Int64.min, -1, 0, Int64.max] where Number(exactly: number) == nil {
                overflows(.integer(number))
            }
            for number in [UInt64.max, 1 << 63] where Number(exactly: number) == nil { overflows(.unsigned(number)) }
            if let below = Int64(exactly: Number.min), below > .min { overflows(.integer(below - 1)) }
            if let above = UInt64(exactly: Number.max), above < .max { overflows(.unsigned(above + 1)) }
        }

        static func floatingPoint() throws {
            #expect(try read(.double(42)) == 42)
            #expect(try read(.float(42)) == 42)
            #expect(try read(.double(-0.0)) == 0)
            for number in [0.5, 1e300, -1e300, .nan, .infinity, -.infinity, 1.000_000_1] { overflows(.double(number)) }
            overflows(.float(0.5))
            // The power of two above the largest number is a Double, where the largest itself may not be.
            let above = Double(sign: .plus, exponent: Number.bitWidth - (Number.isSigned ? 1 : 0), significand: 1)
            overflows(.double(above))
            if Number.isSigned {
                #expect(try read(.double(-above)) == Number.min)
            } else {
                overflows(.double(-1))
            }
        }

        static func decimals() throws {
            for number in [Number.min, 0, 7, Number.max] {
                #expect(try read(.decimal("\(number)")) == number)
                #expect(try read(.decimal("\(number).000")) == number)
            }
            for text in ["0.5", "18446744073709551616", "-9223372036854775809", "1e0", "", "NaN"] {
                overflows(.decimal(text))
            }
            overflows(.decimal("\(Number.max)0"))
            overflows(.decimal(Number.isSigned ? "\(Number.min)0" : "-1"))
        }

        /// What is bound is of a type that holds it, and reads back as the same number.
        static func bindsItself() throws {
            for number in [Number.min, 0, Number.max] {
                let value = try number.sqlValue
                #expect(value.type == Number.sqlType)
                switch value {
                case .int16(let bound): #expect(try read(.integer(Int64(bound))) == number)
                case .int32(let bound): #expect(try read(.integer(Int64(bound))) == number)
                case .int64(let bound): #expect(try read(.integer(bound)) == number)
                case .uint64(let bound): #expect(try read(.unsigned(bound)) == number)
                default: Issue.record("\(value)")
                }
            }
        }
    }

    @Test("Every number of the type is read, and the next one overflows", arguments: Width.allCases)
    func borders(width: Width) throws {
        try width.check { try $0.borders() }
    }

    @Test("A floating-point number is read if it is such an integer", arguments: Width.allCases)
    func floatingPoint(width: Width) throws {
        try width.check { try $0.floatingPoint() }
    }

    @Test("A decimal number is read if it is such an integer, as sums of integers are", arguments: Width.allCases)
    func decimals(width: Width) throws {
        try width.check { try $0.decimals() }
    }

    @Test("Integers are bound without loss", arguments: Width.allCases)
    func bindsItself(width: Width) throws {
        try width.check { try $0.bindsItself() }
    }

    @Test("0 and 1 are read as Bool, and no other number")
    func bools() throws {
        #expect(try CodableSupport.read(.integer(0)) == false)
        #expect(try CodableSupport.read(.integer(1)) == true)
        #expect(try CodableSupport.read(.unsigned(1)) == true)
        for content in [.integer(2), .integer(-1), .unsigned(2), .unsigned(.max), .integer(.min)] as [CellBox.Content] {
            #expect(CodableSupport.code(content, as: Bool.self) == .overflow)
        }
        #expect(CodableSupport.code(.double(1), as: Bool.self) == .typeMismatch)
    }
}
