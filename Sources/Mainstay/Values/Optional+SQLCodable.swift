// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension Optional: SQLDecodable where Wrapped: SQLDecodable {
    /// Reads NULL as nil.
    @inlinable
    public init(from cell: Cell) throws(DatabaseError) {
        if case .null = cell {
            self = nil
        } else {
            self = try Wrapped(from: cell)
        }
    }
}

extension Optional: SQLEncodable where Wrapped: SQLEncodable {
    /// The wrapped value, or NULL.
    @inlinable
    public var sqlValue: Value {
        get throws(DatabaseError) {
            guard let self else { return .null(Wrapped.sqlType) }
            return try self.sqlValue
        }
    }
    /// The wrapped value's type.
    public static var sqlType: ValueType { Wrapped.sqlType }
}
