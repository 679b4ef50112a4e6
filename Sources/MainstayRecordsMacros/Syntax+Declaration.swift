// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import SwiftSyntax

extension Syntax {
    /// Whether it has generic parameters itself.
    var isGeneric: Bool {
        let clause = asProtocol((any WithGenericParametersSyntax).self)?.genericParameterClause
        return clause != nil
    }
}

extension DeclSyntax {
    /// The name of a type that is private to the one that it is in.
    var privateTypeName: String? {
        guard let modifiers = asProtocol((any WithModifiersSyntax).self)?.modifiers else { return nil }
        return AccessLevel(of: modifiers) == .private ? typeName?.text : nil
    }

    /// The name of a type that is declared.
    var typeName: TokenSyntax? {
        switch self.as(DeclSyntaxEnum.self) {
        case .structDecl(let type): type.name
        case .classDecl(let type): type.name
        case .enumDecl(let type): type.name
        case .actorDecl(let type): type.name
        case .protocolDecl(let type): type.name
        case .typeAliasDecl(let type): type.name
        default: nil
        }
    }
}

extension IfConfigDeclSyntax {
    /// The stored properties in any of its branches.
    var storedProperties: [VariableDeclSyntax] {
        clauses.flatMap { clause -> [VariableDeclSyntax] in
            guard case .decls(let members)? = clause.elements else { return [] }
            return members.flatMap { member -> [VariableDeclSyntax] in
                if let nested = member.decl.as(IfConfigDeclSyntax.self) { return nested.storedProperties }
                guard let variable = member.decl.as(VariableDeclSyntax.self), !variable.isStatic else { return [] }
                return variable.bindings.contains(where: \.isStored) ? [variable] : []
            }
        }
    }
}
