// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A value by what databases may take for the same, whatever its bytes: text of another case or with spaces at its end, a number with
/// another scale or sign of zero. It is a guess, good enough for an order and for nothing else.
enum FoldedValue: Hashable {
    case text(String)
    case decimal(Decimal)
    case number(Double)

    /// Nil for a value that equals no other.
    init?(_ value: Value) {
        switch value {
        case .text(let text):
            let end = text.utf8.lastIndex { $0 != UInt8(ascii: " ") }.map { text.utf8.index(after: $0) }
            self = .text(text[..<(end ?? text.startIndex)].lowercased())
        case .decimal(let decimal): self = .decimal(decimal)
        case .double(let double): self = .number(double)
        case .float(let float): self = .number(Double(float))
        default: return nil
        }
    }
}
