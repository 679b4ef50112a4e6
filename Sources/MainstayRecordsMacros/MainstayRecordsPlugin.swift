// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import SwiftCompilerPlugin
import SwiftSyntaxMacros

/// What the compiler loads.
@main
struct MainstayRecordsPlugin: CompilerPlugin {
    let providingMacros: [any Macro.Type] = [RecordMacro.self, PropertyMacro.self]
}
