// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import SwiftSyntax

/// The type of a property, as far as it can be told from how it is written.
struct PropertyType {
    /// As it is written, with the record's name for `Self`.
    let name: String
    /// Without its optional.
    let wrapped: String
    let isOptional: Bool

    init(_ name: String) {
        self.name = name
        wrapped = name
        isOptional = false
    }

    init(_ type: TypeSyntax, in record: String) {
        let name = type.naming(self: record)
        self.name = name
        let wrapped = Self.wrapped(in: type)
        self.wrapped = wrapped?.naming(self: record) ?? name
        isOptional = wrapped != nil
    }

    /// `T` of `T?`, `Optional<T>` and `Swift.Optional<T>`.
    private static func wrapped(in type: TypeSyntax) -> TypeSyntax? {
        if let optional = type.as(OptionalTypeSyntax.self) {
            return optional.wrappedType.withoutParentheses
        }
        if let simple = type.as(IdentifierTypeSyntax.self), simple.name.text == "Optional" {
            return simple.genericArgumentClause?.onlyType
        }
        if let member = type.as(MemberTypeSyntax.self), member.trimmedDescription.hasPrefix("Swift.Optional<") {
            return member.genericArgumentClause?.onlyType
        }
        return nil
    }
}

extension GenericArgumentClauseSyntax {
    fileprivate var onlyType: TypeSyntax? {
        guard arguments.count == 1, case .type(let type)? = arguments.first?.argument else { return nil }
        return type
    }
}

extension TypeSyntax {
    fileprivate var withoutParentheses: TypeSyntax {
        guard
            let tuple = self.as(TupleTypeSyntax.self), tuple.elements.count == 1, let element = tuple.elements.first,
            element.firstName == nil
        else { return self }
        return element.type
    }
}

extension SyntaxProtocol {
    /// The code with a type's name for `Self`, which would be another type inside of `Columns`.
    func naming(self record: String) -> String {
        trimmed.tokens(viewMode: .sourceAccurate).map { token in
            guard token.tokenKind == .keyword(.Self) else { return token.description }
            return token.leadingTrivia.description + record + token.trailingTrivia.description
        }.joined()
    }
}
