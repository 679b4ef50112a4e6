// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Crypto
import MainstaySQLite

/// What stands for a path wherever two paths are compared: the SHA-256 of its bytes in hexadecimal digits.
///
/// Names that differ only in case, accents, trailing spaces or Unicode normalization are different files. Swift compares
/// strings by canonical equivalence, and databases by collations of their own; of these digits all think alike, and 64 of
/// them fit into a unique index anywhere.
struct PathKey: RawRepresentable, Hashable, Sendable, SQLCodable {
    let rawValue: String

    init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The key of a path.
    init(_ path: String) {
        var path = path
        var hash = SHA256()
        path.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
        rawValue = hash.finalize().hexadecimal
    }
}

extension Sequence<UInt8> {
    /// Two digits for each byte.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        let text = flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}
