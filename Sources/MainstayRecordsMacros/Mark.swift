// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import SwiftSyntax

/// What a property is marked as.
enum Mark: String {
    case id = "ID"
    case column = "Column"
    case references = "References"
    case version = "Version"
    case generated = "Generated"
}

extension VariableDeclSyntax {
    /// The first attribute of a mark, with its module's name or without.
    func attribute(_ mark: Mark) -> AttributeSyntax? {
        attributes.lazy.compactMap { $0.as(AttributeSyntax.self) }.first { attribute in
            if let member = attribute.attributeName.as(MemberTypeSyntax.self) {
                return member.baseType.trimmedDescription == "MainstayRecords" && member.name.text == mark.rawValue
            }
            return attribute.attributeName.as(IdentifierTypeSyntax.self)?.name.text == mark.rawValue
        }
    }

    /// Whether it is marked so.
    func has(_ mark: Mark) -> Bool { attribute(mark) != nil }
}
