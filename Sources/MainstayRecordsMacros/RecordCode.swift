// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// The code that makes a struct a record.
struct RecordCode {
    let model: RecordModel
    /// What stands in the struct.
    var members: [String] { [key, columns, schema] }

    /// The extension with the rest.
    ///
    /// - Parameter isConforming: Whether the struct conforms to `Record` by itself.
    func `extension`(isConforming: Bool) -> String {
        let inheritance = isConforming ? "" : ": MainstayRecords.Record"
        let members = [
            columnsOfTable, recordKey, keyValues, keyIdentity, keyHash, reading, replacing, merging, clearing, value,
            version,
        ]
        return """
            \(model.availability.map { $0 + "\n" }.joined())extension \(model.name)\(inheritance) {
            \(members.compactMap { $0 }.joined(separator: "\n\n").indented)
            }
            """
    }

    /// What to write before a member: `public `, or nothing.
    var access: String { model.access.modifier }

    /// A function or initializer whose body has the statements.
    func member(_ head: String, _ statements: [String]) -> String {
        """
        \(access)\(head) {
        \(statements.joined(separator: "\n").indented)
        }
        """
    }

    /// A statement for each property.
    func each(_ statement: (Int, Property) -> String) -> [String] {
        model.properties.enumerated().map { statement($0.offset, $0.element) }
    }

    private var schema: String {
        let columns = each { _, property in
            var arguments = [property.column.literal]
            if property.role != .value { arguments.append(".\(property.role)") }
            if property.type.isOptional { arguments.append("isOptional: true") }
            if let reference = property.reference { arguments.append("references: \(reference).self") }
            return "MainstayRecords.RecordSchema.Column(\(arguments.joined(separator: ", "))),"
        }
        return """
            \(access)static let schema = MainstayRecords.RecordSchema(
                table: [\(model.table.map(\.literal).joined(separator: ", "))],
                columns: [
            \(columns.joined(separator: "\n").indented.indented)
                ]
            )
            """
    }
}

extension String {
    /// Each line that isn't empty, a level deeper.
    var indented: String {
        split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : "    \($0)" }
            .joined(separator: "\n")
    }
}
