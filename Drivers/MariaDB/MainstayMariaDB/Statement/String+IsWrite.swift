// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension String {
    /// Whether a statement's first word is one for writing rows, so that the rows of its result are those written.
    var isWrite: Bool {
        var rest = utf8[...]
        while true {
            rest = rest.drop { $0 <= 0x20 }
            if rest.starts(with: "#".utf8) || rest.starts(with: "-- ".utf8) {
                rest = rest.drop { $0 != 0x0A }
            } else if rest.starts(with: "/*".utf8) {
                rest = rest.dropFirst(2)
                while !rest.isEmpty, !rest.starts(with: "*/".utf8) { rest = rest.dropFirst() }
                rest = rest.dropFirst(2)
            } else {
                let word = rest.prefix { 0x41...0x5A ~= $0 & 0xDF }.map { $0 & 0xDF }
                return ["INSERT", "REPLACE", "DELETE", "UPDATE"].contains { $0.utf8.elementsEqual(word) }
            }
        }
    }
}
