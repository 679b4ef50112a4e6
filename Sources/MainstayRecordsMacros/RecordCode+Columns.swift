// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension RecordCode {
    /// The typed names of the columns; of no actor, also where everything else is by default.
    var columns: String {
        let names = each { _, property in
            "\(access(to: property))let \(property.name): \(columnType(of: property))"
        }
        let values = each { index, property in
            let arguments = "table, \(property.column.literal), \(index)"
            guard property.reference != nil else {
                return "self.\(property.name) = MainstayRecords.RecordColumn(\(arguments))"
            }
            return "self.\(property.name) = MainstayRecords.RecordReference(\(arguments)) { $0.\(property.name) = $1 }"
        }
        return """
            \(access)nonisolated struct Columns: Sendable {
            \(names.joined(separator: "\n").indented)

                init(_ table: MainstayRecords.TableName) {
            \(values.joined(separator: "\n").indented.indented)
                }
            }
            """
    }

    var columnsOfTable: String {
        member("static func columns(of table: MainstayRecords.TableName) -> Columns", ["Columns(table)"])
    }

    private func columnType(of property: Property) -> String {
        guard let reference = property.reference else {
            return "MainstayRecords.RecordColumn<\(model.name), \(property.type.name)>"
        }
        return "MainstayRecords.RecordReference<\(model.name), \(property.type.name), \(reference)>"
    }

    /// A column is seen as far as its property, whose type may be seen no further.
    private func access(to property: Property) -> String {
        switch property.access {
        case .private: "private "
        case .fileprivate: model.access > .fileprivate ? "fileprivate " : ""
        default: min(model.access, property.access).modifier
        }
    }
}
