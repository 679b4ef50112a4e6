// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension String {
    /// Whether both have the same UTF-8.
    ///
    /// Swift takes two strings for equal if they are the same characters, however these are written. To a database they are two.
    @inlinable
    package func hasBytes(of other: String) -> Bool {
        guard utf8.count == other.utf8.count else { return false }
        let isSame = utf8.withContiguousStorageIfAvailable { left in
            other.utf8.withContiguousStorageIfAvailable { left.elementsEqual($0) }
        }
        return (isSame ?? nil) ?? utf8.elementsEqual(other.utf8)
    }

    /// Hashes the UTF-8.
    @inlinable
    package func hashBytes(into hasher: inout Hasher) {
        let isHashed: Void? = utf8.withContiguousStorageIfAvailable { bytes in
            hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
        }
        if isHashed == nil { for byte in utf8 { hasher.combine(byte) } }
        // So that the end of one string and the beginning of the next are told apart. No UTF-8 has this byte.
        hasher.combine(0xFF as UInt8)
    }
}
