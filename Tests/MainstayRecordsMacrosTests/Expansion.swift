// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayRecordsMacros
import SwiftDiagnostics
import SwiftParser
import SwiftSyntax
import SwiftSyntaxMacroExpansion
import SwiftSyntaxMacros

/// What the compiler makes of code with the macros.
struct Expansion {
    /// The code with what is added to it.
    let text: String
    /// What is wrong with it, each as `line:column: message`.
    let faults: [String]

    /// The code without the attributes, and what is added to it.
    ///
    /// - Parameter isRecord: Whether the struct conforms to `Record` without the macro.
    init(of source: String, isRecord: Bool = false) {
        let file = Parser.parse(source: source)
        let context = BasicMacroExpansionContext(
            sourceFiles: [file: .init(moduleName: "Tests", fullFilePath: "Tests.swift")]
        )
        var macros = ["ID", "Column", "References", "Version", "Generated"]
            .reduce(into: [String: MacroSpec]()) { $0[$1] = MacroSpec(type: PropertyMacro.self) }
        macros["Record"] = MacroSpec(
            type: RecordMacro.self,
            conformances: isRecord ? [] : [TypeSyntax(IdentifierTypeSyntax(name: .identifier("Record")))]
        )
        let expanded = file.expand(
            macroSpecs: macros,
            contextGenerator: {
                BasicMacroExpansionContext(sharingWith: context, lexicalContext: $0.allMacroLexicalContexts())
            },
            indentationWidth: .spaces(4)
        )
        text = expanded.trimmedDescription
        faults = context.diagnostics.map { diagnostic in
            let place = context.location(for: diagnostic.position, anchoredAt: diagnostic.node, fileName: "Tests.swift")
            return "\(place.line):\(place.column): \(diagnostic.message)"
        }
    }

    /// Whether a line of the text is this one, but for its indentation.
    func has(_ line: String) -> Bool {
        text.split(separator: "\n").contains { $0.drop { $0 == " " } == line }
    }
}
