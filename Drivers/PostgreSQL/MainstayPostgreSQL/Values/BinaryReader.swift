// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Reads integers in network order from what the server sent, and never past its end: a server may send anything.
struct BinaryReader {
    private var rest: Slice<UnsafeRawBufferPointer>

    init(_ bytes: UnsafeRawBufferPointer) {
        rest = bytes[...]
    }

    /// The number of bytes that are still to be read.
    var count: Int { rest.count }

    /// Reads an integer, or gives nil if there are not enough bytes.
    mutating func next<Integer: FixedWidthInteger>(_: Integer.Type) -> Integer? {
        guard let bytes = next(bytes: MemoryLayout<Integer>.size) else { return nil }
        return Integer(bigEndian: bytes.loadUnaligned(as: Integer.self))
    }

    /// Reads so many bytes, or gives nil if there are not enough.
    mutating func next(bytes count: Int) -> UnsafeRawBufferPointer? {
        guard count >= 0, count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return UnsafeRawBufferPointer(rebasing: rest.prefix(count))
    }
}

extension UnsafeRawBufferPointer {
    /// The one integer in network order that the bytes are, or nil if there are more or fewer bytes.
    @inline(__always)
    func integer<Integer: FixedWidthInteger>(_: Integer.Type) -> Integer? {
        guard count == MemoryLayout<Integer>.size else { return nil }
        return Integer(bigEndian: loadUnaligned(as: Integer.self))
    }
}

extension DatabaseError {
    /// The error for a value whose bytes are not what its type demands. The connection can go on: libpq found the
    /// value's end.
    static func malformed(_ type: String) -> DatabaseError {
        DatabaseError(.invalidValue, "the server sent a malformed \(type)")
    }
}
