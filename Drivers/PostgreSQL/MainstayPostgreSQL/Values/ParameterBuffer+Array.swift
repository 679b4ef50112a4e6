// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension [UInt8] {
    /// Appends an array in the server's binary format, in which nothing needs quotes.
    ///
    /// - Throws: `invalidParameter` if arrays inside of it have different lengths or are NULL, if there are more than
    ///   six dimensions, or for an element that can't be bound.
    mutating func append(array elements: [Value], of type: ValueType) throws(DatabaseError) {
        let leaf = type.leaf
        guard leaf != .any else { return try append(nulls: elements) }
        let lengths = try Self.lengths(elements, type)
        // To the server an array without elements has no dimensions.
        let dimensions = lengths.contains(0) ? [] : lengths
        append(bigEndian: Int32(dimensions.count))
        append(bigEndian: Int32(1)) // There may be NULLs; a hint that the server does not trust.
        append(bigEndian: leaf.elementOID)
        for length in dimensions {
            append(bigEndian: length)
            append(bigEndian: Int32(1))
        }
        try append(elements: elements, of: type, lengths[...])
    }

    /// The length of each dimension as the first elements have it, down to the first that is empty.
    private static func lengths(_ elements: [Value], _ type: ValueType) throws(DatabaseError) -> [Int32] {
        var lengths: [Int32] = []
        var (elements, type) = (elements, type)
        while true {
            guard let length = Int32(exactly: elements.count), lengths.count < 6 else {
                throw DatabaseError(.invalidParameter, "an array of more than six dimensions, or too many elements")
            }
            lengths.append(length)
            guard length > 0, case .array(let inner) = type else { return lengths }
            guard case .array(let next, of: _)? = elements.first else { throw ragged }
            (elements, type) = (next, inner)
        }
    }

    private mutating func append(
        elements: [Value],
        of type: ValueType,
        _ lengths: ArraySlice<Int32>
    ) throws(DatabaseError) {
        guard elements.count == lengths.first.map(Int.init) else { throw Self.ragged }
        for element in elements {
            switch (element, type) {
            case (.array(let inner, of: _), .array(let innerType)):
                try append(elements: inner, of: innerType, lengths.dropFirst())
            case (_, .array):
                throw Self.ragged
            case (.null, _):
                append(bigEndian: Int32(-1))
            default:
                try append(element: element, of: type)
            }
        }
    }

    private mutating func append(element: Value, of type: ValueType) throws(DatabaseError) {
        let start = count
        append(bigEndian: Int32(0))
        try append(binary: element, as: type)
        guard count < ParameterBuffer.serverLimit, setLength(at: start) else {
            throw DatabaseError(.invalidParameter, "an array of more than 1 GiB")
        }
    }

    /// Appends the text of an array that has no type, and so nothing but NULLs.
    private mutating func append(nulls elements: [Value]) throws(DatabaseError) {
        let words = try elements.map { element throws(DatabaseError) in
            guard case .null = element else {
                throw DatabaseError(.invalidParameter, "an array of unknown type that holds more than NULL")
            }
            return "NULL"
        }
        append(contentsOf: "{\(words.joined(separator: ","))}".utf8)
        append(0)
    }

    private static var ragged: DatabaseError {
        DatabaseError(.invalidParameter, "the arrays of an array have different lengths, or one of them is NULL")
    }
}
