// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Some of the columns of a record, by their positions: 0...127.
public struct ColumnSet: Sendable, Hashable {
    @usableFromInline var bits: UInt128

    /// No column.
    @inlinable
    public init() {
        bits = 0
    }

    /// The first columns.
    ///
    /// - Parameter count: How many, 0...128.
    public init(first count: Int) {
        bits = count >= 128 ? UInt128.max : (1 << UInt128(count)) - 1
    }

    /// Whether the column is one of them.
    @inlinable
    public func contains(_ index: Int) -> Bool {
        bits >> UInt128(index) & 1 == 1
    }

    /// Whether there is none.
    public var isEmpty: Bool { bits == 0 }

    /// How many there are.
    public var count: Int { bits.nonzeroBitCount }

    /// How many of them come before a column: where it stands when only these are read.
    @inlinable
    func rank(of index: Int) -> Int {
        (bits & ((1 << UInt128(index)) - 1)).nonzeroBitCount
    }

    /// Adds a column.
    @inlinable
    public mutating func insert(_ index: Int) {
        bits |= 1 << UInt128(index)
    }

    /// Removes a column.
    public mutating func remove(_ index: Int) {
        bits &= ~(1 << UInt128(index))
    }

    /// The positions, in order.
    var indices: [Int] {
        var rest = bits
        var indices: [Int] = []
        indices.reserveCapacity(count)
        while rest != 0 {
            indices.append(rest.trailingZeroBitCount)
            rest &= rest - 1
        }
        return indices
    }

    func union(_ other: ColumnSet) -> ColumnSet {
        var union = self
        union.bits |= other.bits
        return union
    }

    func subtracting(_ other: ColumnSet) -> ColumnSet {
        var difference = self
        difference.bits &= ~other.bits
        return difference
    }

    func intersects(_ other: ColumnSet) -> Bool {
        bits & other.bits != 0
    }
}

extension ColumnSet: ExpressibleByArrayLiteral {
    /// Some columns, by their positions.
    public init(arrayLiteral indices: Int...) {
        self.init(indices)
    }

    /// Some columns, by their positions.
    public init(_ indices: some Sequence<Int>) {
        self.init()
        for index in indices { insert(index) }
    }
}
