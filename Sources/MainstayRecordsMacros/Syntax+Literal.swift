// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import SwiftParser
import SwiftSyntax
import SwiftSyntaxBuilder

extension AttributeSyntax {
    /// The arguments in parentheses.
    var argumentList: LabeledExprListSyntax {
        arguments?.as(LabeledExprListSyntax.self) ?? []
    }
}

extension ExprSyntax {
    /// What a string literal without interpolations says, if it says anything.
    var plainText: String? {
        let text = self.as(StringLiteralExprSyntax.self)?.representedLiteralValue
        return text?.isEmpty == true ? nil : text
    }

    /// The type that the compiler gives a variable with this initial value and no annotation.
    var literalType: String? {
        switch kind {
        case .integerLiteralExpr: "Int"
        case .floatLiteralExpr: "Double"
        case .stringLiteralExpr: "String"
        case .booleanLiteralExpr: "Bool"
        case .prefixOperatorExpr: signedLiteralType
        default: nil
        }
    }

    private var signedLiteralType: String? {
        guard
            let signed = self.as(PrefixOperatorExprSyntax.self), signed.operator.text == "-",
            signed.expression.is(IntegerLiteralExprSyntax.self) || signed.expression.is(FloatLiteralExprSyntax.self)
        else { return nil }
        return signed.expression.literalType
    }
}

extension String {
    /// The string as Swift code writes it.
    var literal: String {
        StringLiteralExprSyntax(content: self).description
    }
}
