// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import SwiftSyntax

/// Reads the stored properties of a record from its members.
struct PropertyReader {
    private(set) var properties: [Property] = []
    private(set) var hasKey = false
    var hasVersion = false
    var faults: FaultList

    private let record: String
    private let isSnakeCase: Bool
    private let privateTypes: Set<String>
    private var columns: Set<String> = []

    init(of declaration: StructDeclSyntax, named record: String, isSnakeCase: Bool, _ faults: FaultList) {
        self.record = record
        privateTypes = Set(declaration.memberBlock.members.compactMap { $0.decl.privateTypeName })
        self.isSnakeCase = isSnakeCase
        self.faults = faults
    }

    mutating func read(_ member: DeclSyntax) {
        if let variable = member.as(VariableDeclSyntax.self) {
            read(variable)
        } else if let conditional = member.as(IfConfigDeclSyntax.self) {
            for property in conditional.storedProperties { faults.add(.conditional, at: property) }
        } else if let name = member.typeName, ["Key", "Columns"].contains(name.text) {
            faults.add(.takenName(name.text), at: name)
        }
    }

    private mutating func read(_ variable: VariableDeclSyntax) {
        guard !variable.isStatic, let binding = variable.bindings.first(where: \.isStored) else { return }
        // Of a property that can't be read, nothing else is said; above all not that there is no key.
        if variable.has(.id) { hasKey = true }
        if let modifier = variable.modifierOfNoColumn {
            return faults.add(.unsupportedModifier(modifier.name.text), at: modifier)
        }
        guard variable.bindings.count == 1, let name = binding.pattern.as(IdentifierPatternSyntax.self) else {
            return faults.add(.severalProperties, at: variable.bindings)
        }
        guard !variable.isConstant || binding.initializer == nil else {
            return faults.add(.constantWithValue, at: variable.bindingSpecifier)
        }
        guard let type = type(of: binding, at: name) else { return }
        let property = Property(
            name: name.identifier.text,
            type: type,
            access: access(to: variable, binding.typeAnnotation),
            column: column(of: variable, name.identifier),
            role: role(of: variable, type, at: binding.typeAnnotation.map { Syntax($0.type) } ?? Syntax(name)),
            reference: reference(of: variable)?.naming(self: record)
        )
        properties.append(property)
        if properties.count == RecordModel.maximumColumns + 1 { faults.add(.tooManyColumns, at: name) }
    }

    /// A private property is for the file, unless its type is for the struct: nothing but `Columns` itself could use
    /// the column otherwise.
    private func access(to variable: VariableDeclSyntax, _ type: TypeAnnotationSyntax?) -> AccessLevel {
        let names = type?.tokens(viewMode: .sourceAccurate).map(\.text) ?? []
        guard privateTypes.isDisjoint(with: names) else { return .private }
        return max(.fileprivate, AccessLevel(of: variable.modifiers))
    }

    private mutating func type(of binding: PatternBindingSyntax, at name: IdentifierPatternSyntax) -> PropertyType? {
        guard let type = binding.typeAnnotation?.type else {
            if let literal = binding.initializer?.value.literalType { return PropertyType(literal) }
            faults.add(.noType, at: name)
            return nil
        }
        if let unwrapped = type.as(ImplicitlyUnwrappedOptionalTypeSyntax.self) {
            faults.add(.implicitlyUnwrapped(unwrapped.wrappedType.trimmedDescription), at: type)
            return nil
        }
        return PropertyType(type, in: record)
    }

    private mutating func column(of variable: VariableDeclSyntax, _ name: TokenSyntax) -> String {
        var column = name.identifier?.name ?? name.text
        var node = Syntax(name)
        if isSnakeCase { column = ColumnName.snakeCase(column) }
        if let argument = variable.attribute(.column)?.argumentList.first?.expression {
            guard let name = argument.plainText else {
                faults.add(.columnName, at: argument)
                return column
            }
            column = name
            node = Syntax(argument)
        }
        if !columns.insert(column).inserted { faults.add(.repeatedColumn(column), at: node) }
        return column
    }
}
