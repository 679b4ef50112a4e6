// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import SwiftDiagnostics
import SwiftSyntax
import SwiftSyntaxMacros

/// The faults of one record, in the order in which they were found.
struct FaultList {
    private var diagnostics: [Diagnostic] = []

    var isEmpty: Bool { diagnostics.isEmpty }

    mutating func add(_ fault: RecordFault, at node: some SyntaxProtocol) {
        diagnostics.append(Diagnostic(node: node, message: fault))
    }

    func report(to context: some MacroExpansionContext) {
        for diagnostic in diagnostics { context.diagnose(diagnostic) }
    }
}
