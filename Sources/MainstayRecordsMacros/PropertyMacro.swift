// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import SwiftSyntax
public import SwiftSyntaxMacros

/// Marks a property for `@Record`, which reads the attribute: `@ID`, `@Column`, `@References`, `@Version`, `@Generated`.
public struct PropertyMacro: PeerMacro {
    /// Nothing, or what is wrong with the place of the attribute.
    public static func expansion(
        of node: AttributeSyntax,
        providingPeersOf declaration: some DeclSyntaxProtocol,
        in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] {
        guard isStored(declaration), isInStruct(context.lexicalContext) else {
            var faults = FaultList()
            faults.add(.markOfNoColumn(node.attributeName.trimmedDescription), at: node)
            faults.report(to: context)
            return []
        }
        return []
    }

    private static func isStored(_ declaration: some DeclSyntaxProtocol) -> Bool {
        guard let variable = declaration.as(VariableDeclSyntax.self) else { return false }
        return !variable.isStatic && variable.bindings.allSatisfy(\.isStored)
    }

    /// Without a context, as in an editor that expands a part of a file, it is given the benefit of the doubt.
    private static func isInStruct(_ context: [Syntax]) -> Bool {
        context.first?.is(StructDeclSyntax.self) ?? true
    }
}
