// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import SwiftSyntax
import SwiftSyntaxBuilder
public import SwiftSyntaxMacros

/// Makes a struct a record: `@Record("users")`.
///
/// What names the types of properties is made inside the struct: an extension of a nested struct would not see the other
/// types beside it. The rest is made in an extension, so that the struct keeps its memberwise initializer.
public struct RecordMacro: ExtensionMacro, MemberMacro {
    /// The extension, or what is wrong with the struct.
    public static func expansion(
        of node: AttributeSyntax,
        attachedTo declaration: some DeclGroupSyntax,
        providingExtensionsOf type: some TypeSyntaxProtocol,
        conformingTo protocols: [TypeSyntax],
        in context: some MacroExpansionContext
    ) throws -> [ExtensionDeclSyntax] {
        var faults = FaultList()
        guard let code = code(of: node, declaration, named: type.trimmedDescription, in: context, &faults) else {
            faults.report(to: context)
            return []
        }
        return [try ExtensionDeclSyntax("\(raw: code.extension(isConforming: protocols.isEmpty))")]
    }

    /// The members, or nothing: what is wrong is reported once, with the extension.
    public static func expansion(
        of node: AttributeSyntax,
        providingMembersOf declaration: some DeclGroupSyntax,
        conformingTo protocols: [TypeSyntax],
        in context: some MacroExpansionContext
    ) throws -> [DeclSyntax] {
        var faults = FaultList()
        let name = declaration.as(StructDeclSyntax.self)?.name.text ?? ""
        let code = code(of: node, declaration, named: name, in: context, &faults)
        return code?.members.map { "\(raw: $0)" } ?? []
    }

    /// Nothing if anything is wrong, so that nothing else is reported but what the user can act on.
    private static func code(
        of node: AttributeSyntax,
        _ declaration: some DeclGroupSyntax,
        named name: String,
        in context: some MacroExpansionContext,
        _ faults: inout FaultList
    ) -> RecordCode? {
        let model = RecordModel(
            of: declaration,
            named: name,
            arguments: RecordArguments(node, &faults),
            enclosedBy: context.lexicalContext,
            &faults
        )
        guard let model, faults.isEmpty else { return nil }
        return RecordCode(model: model)
    }
}
