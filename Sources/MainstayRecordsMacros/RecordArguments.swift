// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import SwiftSyntax

/// What `@Record` says: `"users", schema: "app", columns: .snakeCase`.
struct RecordArguments {
    /// The table's name, after its schema's if it has one.
    let table: [String]
    let isSnakeCase: Bool

    init(_ attribute: AttributeSyntax, _ faults: inout FaultList) {
        var table: [String] = []
        var isSnakeCase = false
        for argument in attribute.argumentList {
            switch argument.label?.text {
            case "schema":
                guard !argument.expression.is(NilLiteralExprSyntax.self) else { continue }
                guard let schema = argument.expression.plainText else {
                    faults.add(.schemaName, at: argument.expression)
                    continue
                }
                table.insert(schema, at: 0)
            case "columns":
                switch argument.expression.as(MemberAccessExprSyntax.self)?.declName.baseName.text {
                case "asWritten": isSnakeCase = false
                case "snakeCase": isSnakeCase = true
                default: faults.add(.columnNaming, at: argument.expression)
                }
            default:
                guard let name = argument.expression.plainText else {
                    faults.add(.tableName, at: argument.expression)
                    continue
                }
                table.append(name)
            }
        }
        self.table = table
        self.isSnakeCase = isSnakeCase
    }
}
