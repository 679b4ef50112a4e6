// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The values of a statement's parameters as libpq takes them. Kept from one execution to the next, so that binding
/// allocates nothing.
struct ParameterBuffer {
    /// The largest message that a server takes.
    static let serverLimit = 1 << 30

    private let limit: Int
    private let types: [ValueType]
    // All values, one after the other, and where each begins; -1 for NULL. Never empty, for libpq takes an empty value
    // without an address for NULL.
    private var bytes: [UInt8] = [0]
    private var offsets: [Int]
    private var lengths: [Int32]
    private let formats: [Int32]
    private var pointers: [UnsafePointer<CChar>?]

    /// Whether the values are so many bytes that they are better sent before more are gathered.
    var isLarge: Bool { bytes.count > 1 << 16 }

    init(_ types: [ValueType], limit: Int = serverLimit) {
        self.limit = limit
        self.types = types
        offsets = Array(repeating: -1, count: types.count)
        lengths = Array(repeating: 0, count: types.count)
        formats = types.map { $0.isText ? 0 : 1 }
        pointers = Array(repeating: nil, count: types.count)
    }

    /// Takes the values for one execution.
    ///
    /// - Throws: `parameterCount` if there are more or fewer values than types; `invalidParameter` for a value that the
    ///   server can't take, or that is not of its type.
    mutating func encode(_ values: [Value]) throws(DatabaseError) {
        guard values.count == types.count else {
            throw DatabaseError(
                .parameterCount,
                "\(values.count) values for a statement with \(types.count) parameters"
            )
        }
        bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 20)
        bytes.append(0)
        for index in values.indices {
            do throws(DatabaseError) {
                try encode(values[index], at: index)
            } catch {
                throw error.prefixed(by: "parameter \(index + 1)")
            }
        }
    }

    private mutating func encode(_ value: Value, at index: Int) throws(DatabaseError) {
        if case .null = value {
            offsets[index] = -1
            return
        }
        let start = bytes.count
        switch (value, types[index]) {
        case (.text(let text), .text), (.json(let text), .json): try bytes.append(terminated: text)
        case (.uint64(let number), .uint64): try bytes.append(terminated: String(number))
        case (.decimal(let number), .decimal):
            try number.writeDecimalText(to: &bytes)
            bytes.append(0)
        case (.array(let elements, of: _), .array(let type)):
            try bytes.append(array: elements, of: type)
        case (_, let type):
            try bytes.append(binary: value, as: type)
        }
        // In 64 bits: a length that does not fit into the protocol's 32 would let the value's bytes pass for messages.
        guard bytes.count < limit, let length = Int32(exactly: bytes.count - start) else {
            bytes = []
            throw DatabaseError(.invalidParameter, "the values have more than 1 GiB")
        }
        offsets[index] = start
        lengths[index] = length
    }

    /// Lends the values as arrays for a function of libpq, which copies them.
    mutating func withPointers(
        _ body: (
            _ count: Int32,
            _ values: UnsafePointer<UnsafePointer<CChar>?>?,
            _ lengths: UnsafePointer<Int32>?,
            _ formats: UnsafePointer<Int32>?
        ) -> Int32
    ) -> Int32 {
        // The pointers are made anew each time and are good within the closure, where the bytes don't move.
        bytes.withUnsafeBytes { bytes in
            for index in offsets.indices {
                pointers[index] =
                    offsets[index] < 0
                    ? nil : bytes.baseAddress?.advanced(by: offsets[index]).assumingMemoryBound(to: CChar.self)
            }
            return pointers.withUnsafeBufferPointer { values in
                body(Int32(offsets.count), values.baseAddress, lengths, formats)
            }
        }
    }
}

extension [UInt8] {
    /// Appends UTF-8, refusing what a text of the server can't hold.
    mutating func append(utf8 text: String) throws(DatabaseError) {
        var text = text
        let isAllowed = text.withUTF8 { utf8 in
            append(contentsOf: utf8)
            return !utf8.contains(0)
        }
        guard isAllowed else {
            throw DatabaseError(
                .invalidParameter,
                "PostgreSQL's texts can't hold U+0000",
                hint: "bind [UInt8] to a bytea column"
            )
        }
    }

    fileprivate mutating func append(terminated text: String) throws(DatabaseError) {
        try append(utf8: text)
        append(0)
    }
}
