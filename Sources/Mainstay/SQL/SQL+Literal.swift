// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension SQL {
    /// A piece of text that the compiler put into the program.
    ///
    /// It is compared by its address: the same literal is the same key without a look at its characters, which is what
    /// makes finding a prepared statement cheap. Equal texts from two places are two keys, and so two prepared statements.
    struct Literal: Sendable, Hashable {
        let text: StaticString

        static func == (left: Literal, right: Literal) -> Bool {
            left.address == right.address && left.text.utf8CodeUnitCount == right.text.utf8CodeUnitCount
        }

        func hash(into hasher: inout Hasher) {
            hasher.combine(address)
        }

        // A StaticString made of one Unicode scalar has no pointer; the scalar itself serves as well.
        private var address: UInt {
            text.hasPointerRepresentation ? UInt(bitPattern: text.utf8Start) : UInt(text.unicodeScalar.value)
        }
    }
}
