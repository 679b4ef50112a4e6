// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CMariaDB

/// The parameters of a statement, in the form in which Connector/C reads them when it executes the statement.
///
/// The memory lives as long as the statement, and is used again for each execution.
final class ParameterBinding {
    let count: Int
    /// What `mysql_stmt_bind_param` copies: each parameter's type, and where its value, length and mark of NULL are.
    private let bindings: UnsafeMutablePointer<MYSQL_BIND>
    private let lengths: UnsafeMutablePointer<UInt>
    private let nulls: UnsafeMutablePointer<my_bool>
    private var arena = Arena()
    /// How many bytes the values have at most as the server receives them.
    private(set) var size = 0

    init(count: Int) {
        self.count = count
        bindings = .allocate(capacity: count)
        bindings.initialize(repeating: MYSQL_BIND(), count: count)
        lengths = .allocate(capacity: count)
        lengths.initialize(repeating: 0, count: count)
        nulls = .allocate(capacity: count)
        nulls.initialize(repeating: 0, count: count)
    }

    deinit {
        bindings.deallocate()
        lengths.deallocate()
        nulls.deallocate()
    }

    /// Lends what `mysql_stmt_bind_param` takes.
    var pointer: UnsafeMutablePointer<MYSQL_BIND> { bindings }

    /// Writes the values of one execution.
    ///
    /// - Throws: `parameterCount`, `invalidParameter`, `unsupported`.
    func set(_ values: [Value]) throws(DatabaseError) {
        try requireCount(values)
        arena.reset()
        size = values.reduce(64) { $0 + $1.wireSize }
        for index in 0..<count {
            let value = values[index]
            // Told by the value and not by what was announced: Connector/C reads as many bytes as the type has.
            let wire = try WireType(value.type)
            var binding = MYSQL_BIND()
            binding.buffer_type = wire.type
            binding.is_unsigned = wire.isUnsigned ? 1 : 0
            if let (start, length) = try arena.write(value) {
                binding.buffer = start
                nulls[index] = 0
                lengths[index] = UInt(length)
            } else {
                nulls[index] = 1
                lengths[index] = 0
            }
            binding.is_null = nulls + index
            binding.length = lengths + index
            bindings[index] = binding
        }
    }

    /// Writes the values of several executions, column by column, as Connector/C takes them for a bulk execution.
    ///
    /// - Returns: How many of the sets were written: as many as stay below the limits, at least one. Nil if a column
    ///   holds values of several types, which a bulk execution can't have.
    /// - Throws: `parameterCount`, `invalidParameter`, `unsupported`.
    func setArrays(_ sets: ArraySlice<[Value]>, _ types: [ValueType], limit: Int) throws(DatabaseError) -> Int? {
        arena.reset()
        let taken = try sets.prefix(fitting: limit, check: requireCount)
        for column in 0..<count {
            guard try setArray(column, taken, WireType(types[column])) else { return nil }
        }
        return taken.count
    }

    private func setArray(
        _ column: Int,
        _ sets: ArraySlice<[Value]>,
        _ wire: WireType
    ) throws(DatabaseError) -> Bool {
        // Numbers lie side by side, of everything else there is an array of pointers.
        let stride = wire.size ?? MemoryLayout<UnsafeMutableRawPointer?>.stride
        let values = arena.allocate(max(1, sets.count * stride))
        let lengths = arena.allocate(sets.count * MemoryLayout<UInt>.stride)
            .bindMemory(to: UInt.self, capacity: sets.count)
        let indicators = arena.allocate(sets.count).bindMemory(to: CChar.self, capacity: sets.count)
        for (row, set) in sets.enumerated() {
            let value = set[column]
            let place = values + row * stride
            guard let (start, length) = try arena.write(value) else {
                indicators[row] = CChar(STMT_INDICATOR_NULL.rawValue)
                lengths[row] = 0
                if wire.size == nil { place.storeBytes(of: nil, as: UnsafeMutableRawPointer?.self) }
                continue
            }
            guard try WireType(value.type) == wire else { return false }
            indicators[row] = CChar(STMT_INDICATOR_NONE.rawValue)
            lengths[row] = UInt(length)
            if let size = wire.size {
                place.copyMemory(from: start, byteCount: size)
            } else {
                place.storeBytes(of: start, as: UnsafeMutableRawPointer?.self)
            }
        }
        var binding = MYSQL_BIND()
        binding.buffer_type = wire.type
        binding.is_unsigned = wire.isUnsigned ? 1 : 0
        binding.buffer = values
        binding.length = lengths
        binding.u.indicator = indicators
        bindings[column] = binding
        return true
    }

    private func requireCount(_ values: [Value]) throws(DatabaseError) {
        guard values.count == count else { throw .parameterCount(placeholders: count, values: values.count) }
    }
}

extension DatabaseError {
    static func parameterCount(placeholders: Int, values: Int) -> DatabaseError {
        DatabaseError(
            .parameterCount,
            "the statement has \(placeholders) placeholders and \(values) values are bound",
            hint: "interpolate values instead of writing placeholders"
        )
    }
}
