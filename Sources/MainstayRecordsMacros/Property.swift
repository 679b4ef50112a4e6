// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A stored property, which is a column.
struct Property {
    /// As code writes it, with backticks if it needs them.
    let name: String
    let type: PropertyType
    let access: AccessLevel
    let column: String
    let role: Role
    /// The type of record whose key it holds.
    let reference: String?

    enum Role: String {
        case value, key, generatedKey, generated, version
    }

    /// The name before a colon in a call, where the compiler warns of backticks that keywords need elsewhere.
    var label: String {
        let plain = name.filter { $0 != "`" }
        let isWord = plain.first?.isNumber == false && plain.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
        return isWord && plain != "inout" ? plain : name
    }

    var isKey: Bool { role == .key || role == .generatedKey }
}
