// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import SwiftSyntax

extension VariableDeclSyntax {
    /// Whether it belongs to the type.
    var isStatic: Bool {
        modifiers.contains { [.keyword(.static), .keyword(.class)].contains($0.name.tokenKind) }
    }

    /// What makes a stored property one that can't be a column.
    var modifierOfNoColumn: DeclModifierSyntax? {
        modifiers.first { [.keyword(.lazy), .keyword(.weak), .keyword(.unowned)].contains($0.name.tokenKind) }
    }

    /// Whether it is a `let`.
    var isConstant: Bool { bindingSpecifier.tokenKind == .keyword(.let) }
}

extension PatternBindingSyntax {
    /// Whether it takes storage: it has no accessors, or only those that observe.
    var isStored: Bool {
        switch accessorBlock?.accessors {
        case nil:
            true
        case .getter:
            false
        case .accessors(let accessors):
            accessors.allSatisfy { [.keyword(.willSet), .keyword(.didSet)].contains($0.accessorSpecifier.tokenKind) }
        }
    }
}
