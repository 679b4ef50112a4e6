// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension SQL {
    /// A statement's text in pieces: everything that the rendered text depends on, and so the key of a prepared statement.
    ///
    /// Most pieces are literals, and bound values of simple types. Each of those takes two words, which are copied, compared and
    /// dropped for what they are; to do that with parts costs as much as all else that is done for a small statement.
    ///
    /// A literal, which the compiler put into the program, is compared by its address: the same one is the same key without a look
    /// at its characters. Equal texts from two places are two keys, and so two prepared statements.
    @usableFromInline
    struct Shape: Sendable {
        private struct Piece: Sendable, Hashable {
            enum Kind: UInt64 {
                case literal, value, other
            }

            /// The kind, and above it the length of a literal.
            let kind: UInt64
            /// The address of a literal, the code of a value's type, or the place among the others.
            let word: UInt64

            init(_ kind: Kind, _ word: UInt64, length: Int = 0) {
                self.kind = UInt64(length) << 2 | kind.rawValue
                self.word = word
            }

            var isOther: Bool { kind == Kind.other.rawValue }
        }

        private var pieces: [Piece] = []
        /// What needs more room.
        private var others: [Part] = []

        @usableFromInline
        init() {}

        var count: Int { pieces.count }

        var hasColumnValues: Bool {
            others.contains { if case .columnValues = $0 { true } else { false } }
        }

        mutating func reserveCapacity(_ count: Int) {
            pieces.reserveCapacity(count)
        }

        mutating func append(_ literal: StaticString) {
            // One that was made of a single scalar has no address.
            guard literal.hasPointerRepresentation else { return append(.raw(literal.description)) }
            let address = UInt64(UInt(bitPattern: literal.utf8Start))
            pieces.append(Piece(.literal, address, length: literal.utf8CodeUnitCount))
        }

        mutating func append(_ type: ValueType) {
            guard let code = type.code else { return append(.value(type)) }
            pieces.append(Piece(.value, code))
        }

        mutating func append(_ part: Part) {
            pieces.append(Piece(.other, UInt64(others.count)))
            others.append(part)
        }

        mutating func append(_ shape: Shape) {
            let place = UInt64(others.count)
            if pieces.isEmpty {
                pieces = shape.pieces
            } else {
                pieces.append(
                    contentsOf: shape.pieces.lazy.map { $0.isOther ? Piece(.other, $0.word + place) : $0 }
                )
            }
            others.append(contentsOf: shape.others)
        }
    }
}

extension SQL.Shape {
    /// The same for those who render it.
    var parts: [SQL.Part] {
        pieces.map { piece in
            switch Piece.Kind(rawValue: piece.kind & 3) {
            case .literal:
                // Of the program's own text, which stays where it is.
                let text = UnsafeBufferPointer(
                    start: UnsafePointer<UInt8>(bitPattern: UInt(piece.word)),
                    count: Int(piece.kind >> 2)
                )
                return .raw(String(decoding: text, as: UTF8.self))
            case .value: return .value(ValueType.simple[Int(piece.word)])
            case .other, nil: return others[Int(piece.word)]
            }
        }
    }
}

extension SQL.Shape: Hashable {
    @usableFromInline
    func hash(into hasher: inout Hasher) {
        pieces.withUnsafeBytes { hasher.combine(bytes: $0) }
        hasher.combine(others)
    }
}

extension ValueType {
    /// All but arrays, by their codes.
    fileprivate static let simple: [ValueType] = [
        .any, .bool, .int16, .int32, .int64, .uint64, .float, .double, .text, .bytes, .uuid, .date, .time, .dateTime,
        .timestamp,
        .decimal, .json,
    ]

    fileprivate var code: UInt64? {
        switch self {
        case .any: 0
        case .bool: 1
        case .int16: 2
        case .int32: 3
        case .int64: 4
        case .uint64: 5
        case .float: 6
        case .double: 7
        case .text: 8
        case .bytes: 9
        case .uuid: 10
        case .date: 11
        case .time: 12
        case .dateTime: 13
        case .timestamp: 14
        case .decimal: 15
        case .json: 16
        case .array: nil
        }
    }
}
