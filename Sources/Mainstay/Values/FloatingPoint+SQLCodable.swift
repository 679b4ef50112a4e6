// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension Double: SQLCodable {
    /// The value as it is bound.
    @inlinable
    public var sqlValue: Value { .double(self) }
    /// The type that the server is told.
    public static var sqlType: ValueType { .double }

    /// Reads a number: exactly from floating-point columns and integers, to the nearest value from decimal ones.
    @inlinable
    public init(from cell: Cell) throws(DatabaseError) {
        if case .double(let double) = cell { self = double } else { try self.init(rarerNumberFrom: cell) }
    }

    @usableFromInline
    init(rarerNumberFrom cell: Cell) throws(DatabaseError) {
        let value: Double?
        switch cell {
        case .double(let double): value = double
        case .float(let float): value = Double(float)
        case .integer(let integer): value = Double(exactly: integer)
        case .unsigned(let integer): value = Double(exactly: integer)
        // What AVG and SUM give on servers; whoever asks for a Double asks for the nearest one.
        case .decimal(let text): value = Double(decimalText: text)
        default: throw .mismatch(cell, Double.self)
        }
        guard let value else {
            throw DatabaseError(
                .overflow,
                "\(cell.kind) does not fit exactly into Double",
                hint: "read it as Int or Decimal"
            )
        }
        self = value
    }
}

extension Float: SQLCodable {
    /// The value as it is bound.
    @inlinable
    public var sqlValue: Value { .float(self) }
    /// The type that the server is told.
    public static var sqlType: ValueType { .float }

    /// Reads a number that a `Float` holds exactly.
    public init(from cell: Cell) throws(DatabaseError) {
        let value: Float?
        switch cell {
        case .float(let float): value = float
        case .double(let double): value = double.isNaN ? .nan : Float(exactly: double)
        case .integer(let integer): value = Float(exactly: integer)
        case .unsigned(let integer): value = Float(exactly: integer)
        default: throw .mismatch(cell, Float.self)
        }
        guard let value else {
            throw DatabaseError(.overflow, "\(cell.kind) does not fit exactly into Float", hint: "read it as Double")
        }
        self = value
    }
}
