// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension SQL.Part: Hashable {
    /// Whether both are rendered to the same bytes. Text that is equal in Swift may be another statement, or another table.
    static func == (left: SQL.Part, right: SQL.Part) -> Bool {
        switch (left, right) {
        case (.raw(let left), .raw(let right)): left.hasBytes(of: right)
        case (.value(let left), .value(let right)): left == right
        case (.list(let left, let leftCount), .list(let right, let rightCount)):
            leftCount == rightCount && left == right
        case (.identifier(let left), .identifier(let right)): left.elementsEqual(right) { $0.hasBytes(of: $1) }
        case (.columnType(let left), .columnType(let right)): left == right
        case (.names(let left, nil), .names(let right, nil)): left == right
        case (.names(let left, let leftTable?), .names(let right, let rightTable?)):
            left == right && leftTable.hasBytes(of: rightTable)
        case (.rows(let left, let leftCount), .rows(let right, let rightCount)):
            leftCount == rightCount && left == right
        case (.columnValues(let left), .columnValues(let right)): left == right
        case (.defaultRow, .defaultRow): true
        default: false
        }
    }

    func hash(into hasher: inout Hasher) {
        switch self {
        case .raw(let text): text.hashBytes(into: &hasher)
        case .value(let type): hasher.combine(type)
        case .list(let type, let count):
            hasher.combine(type)
            hasher.combine(count)
        case .identifier(let names): for name in names { name.hashBytes(into: &hasher) }
        case .columnType(let type): hasher.combine(type)
        case .names(let list, let table):
            hasher.combine(list)
            table?.hashBytes(into: &hasher)
        case .rows(let types, let count):
            hasher.combine(types)
            hasher.combine(count)
        case .columnValues(let values): hasher.combine(values)
        case .defaultRow: hasher.combine(0)
        }
    }
}
