// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import SwiftSyntax

/// A struct that is a record.
struct RecordModel {
    /// As many as a `ColumnSet` holds.
    static let maximumColumns = 128

    /// As the extension names it: `Outer.User`.
    let name: String
    let table: [String]
    let access: AccessLevel
    /// The attributes `@available`, without which an extension could not name the type.
    let availability: [String]
    let properties: [Property]

    var keys: [Property] { properties.filter(\.isKey) }

    init?(
        of declaration: some DeclGroupSyntax,
        named name: String,
        arguments: RecordArguments,
        enclosedBy context: [Syntax],
        _ faults: inout FaultList
    ) {
        guard let record = declaration.as(StructDeclSyntax.self) else {
            faults.add(.notAStruct, at: declaration.introducer)
            return nil
        }
        Self.checkScope(of: record, in: context, &faults)
        var reader = PropertyReader(of: record, named: name, isSnakeCase: arguments.isSnakeCase, faults)
        for member in record.memberBlock.members { reader.read(member.decl) }
        faults = reader.faults
        if !reader.hasKey { faults.add(.noKey, at: record.name) }
        self.name = name
        table = arguments.table
        // Without a modifier of its own, it has that of the extension that it is in.
        let enclosing = context.first?.as(ExtensionDeclSyntax.self).map { AccessLevel(of: $0.modifiers) }
        access = AccessLevel(of: record.modifiers, default: enclosing ?? .internal)
        availability = record.attributes.compactMap { $0.as(AttributeSyntax.self) }
            .filter { $0.attributeName.trimmedDescription == "available" }.map(\.trimmedDescription)
        properties = reader.properties
    }

    private static func checkScope(of record: StructDeclSyntax, in context: [Syntax], _ faults: inout FaultList) {
        if let parameters = record.genericParameterClause {
            faults.add(.generic, at: parameters)
        } else if context.contains(where: \.isGeneric) {
            faults.add(.generic, at: record.name)
        }
        if !context.isEmpty, AccessLevel(of: record.modifiers) == .private {
            faults.add(.inaccessible, at: record.modifiers)
        }
    }
}
