// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import SwiftDiagnostics

/// What is wrong with a record, and what to write.
enum RecordFault: DiagnosticMessage {
    case notAStruct
    case generic
    case inaccessible
    case tableName
    case schemaName
    case columnNaming
    case takenName(String)
    case noKey
    case tooManyColumns
    case markOfNoColumn(String)

    case severalProperties
    case noType
    case implicitlyUnwrapped(String)
    case ownKey
    case constantWithValue
    case unsupportedModifier(String)
    case conditional

    case columnName
    case repeatedColumn(String)
    case secondVersion
    case versionOfOptional
    case versionOfConstant
    case versionOfKey(String)
    case versionOfType(String)
    case generatedNotOptional
    case generatedKey
    case referenceOfConstant
    case referenceArgument

    var severity: DiagnosticSeverity { .error }

    var diagnosticID: MessageID {
        MessageID(domain: "MainstayRecords", id: String("\(self)".prefix { $0 != "(" }))
    }
}
