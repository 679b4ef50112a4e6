// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import SwiftSyntax

extension PropertyReader {
    /// What a property is for.
    ///
    /// - Parameter node: Its type, or its name if that is not written.
    mutating func role(of variable: VariableDeclSyntax, _ type: PropertyType, at node: Syntax) -> Property.Role {
        if let version = variable.attribute(.version) {
            checkVersion(version, of: variable, type, at: node)
            return .version
        }
        if let generated = variable.attribute(.generated) {
            if variable.has(.id) {
                faults.add(.generatedKey, at: generated)
            } else if !type.isOptional {
                faults.add(.generatedNotOptional, at: node)
            }
            return .generated
        }
        guard variable.has(.id) else { return .value }
        if type.wrapped == "Key" { faults.add(.ownKey, at: node) }
        return type.isOptional ? .generatedKey : .key
    }

    /// The type of record that a property refers to.
    mutating func reference(of variable: VariableDeclSyntax) -> ExprSyntax? {
        guard let attribute = variable.attribute(.references) else { return nil }
        if variable.isConstant { faults.add(.referenceOfConstant, at: variable.bindingSpecifier) }
        let argument = attribute.argumentList.first?.expression
        guard
            let member = argument?.as(MemberAccessExprSyntax.self), let base = member.base,
            member.declName.baseName.tokenKind == .keyword(.self)
        else {
            faults.add(.referenceArgument, at: argument.map { Syntax($0) } ?? Syntax(attribute))
            return nil
        }
        return base
    }

    private mutating func checkVersion(
        _ version: AttributeSyntax,
        of variable: VariableDeclSyntax,
        _ type: PropertyType,
        at node: Syntax
    ) {
        if hasVersion { faults.add(.secondVersion, at: version) }
        hasVersion = true
        if variable.isConstant { faults.add(.versionOfConstant, at: variable.bindingSpecifier) }
        if let mark = [Mark.id, .references, .generated].first(where: { variable.has($0) }) {
            faults.add(.versionOfKey(mark.rawValue), at: version)
        } else if type.isOptional {
            faults.add(.versionOfOptional, at: node)
        } else if ["String", "Bool", "Double", "Float", "UUID"].contains(type.name) {
            faults.add(.versionOfType(type.name), at: node)
        }
    }
}
