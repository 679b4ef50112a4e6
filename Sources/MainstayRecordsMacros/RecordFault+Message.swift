// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension RecordFault {
    var message: String {
        switch self {
        case .notAStruct: "a record is a value: @Record needs a struct"
        case .generic: "a record has one table: @Record needs a struct without generic parameters, also around it"
        case .inaccessible: "@Record can't extend a private type inside another: write fileprivate"
        case .tableName: "write the table's name as a plain string literal that isn't empty"
        case .schemaName: "write the schema's name as a plain string literal that isn't empty"
        case .columnNaming: "write .asWritten or .snakeCase: the names are made when the code is compiled"
        case .takenName(let name): "rename this type: @Record makes a type \(name) of its own"
        case .noKey: "a record needs a primary key: mark the properties that identify a row with @ID"
        case .tooManyColumns: "a record has at most 128 columns: move the properties from here on to another table"
        case .markOfNoColumn(let mark): "@\(mark) marks a column: write it on a stored property of a struct"
        default: propertyMessage
        }
    }

    private var propertyMessage: String {
        switch self {
        case .severalProperties: "write one property per declaration: each is a column"
        case .noType: "write the property's type: the columns are made from it"
        case .implicitlyUnwrapped(let type): "write \(type)?: \(type)! would crash where the column is NULL"
        case .ownKey: "write the key's type by another name: @Record makes Key an alias of it"
        case .constantWithValue: "a constant with a value can't be read from a row: write var"
        case .unsupportedModifier(let modifier):
            "a column can't be \(modifier): remove it, or make the property computed"
        case .conditional: "a column can't depend on #if: move the property out of it"
        default: markMessage
        }
    }

    private var markMessage: String {
        switch self {
        case .columnName: "write the column's name as a plain string literal that isn't empty"
        case .repeatedColumn(let name): "another property has the column \"\(name)\": name this one with @Column"
        case .secondVersion: "a record has one version: remove this @Version"
        case .versionOfOptional: "every row has a version: write a type that isn't optional, like Int"
        case .versionOfConstant: "the version changes with the row: write var"
        case .versionOfKey(let mark): "a version only counts changes: remove @Version or @\(mark)"
        case .versionOfType(let type): "a version is counted: write an integer type, like Int, in place of \(type)"
        case .generatedNotOptional: "the value is nil until the database has made it: write an optional type"
        case .generatedKey: "remove @Generated: an optional @ID is generated anyway"
        case .referenceOfConstant: "the reference is set when the other record is inserted: write var"
        case .referenceArgument: "write the other record's type with .self, as in @References(Team.self)"
        default: ""
        }
    }
}
