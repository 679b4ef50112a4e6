// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension RecordCode {
    var reading: String {
        member(
            "init(from row: MainstayRecords.RecordRow) throws(Mainstay.DatabaseError)",
            each { index, property in "self.\(property.name) = try row.value(\(index))" }
        )
    }

    var replacing: String {
        member(
            "init(from row: MainstayRecords.RecordRow, replacingIn base: \(model.name)) throws(Mainstay.DatabaseError)",
            each { index, property in
                let name = property.name
                return "self.\(name) = try row.has(\(index)) ? row.value(\(index)) : base.\(name)"
            }
        )
    }

    var merging: String {
        member(
            "init(_ base: \(model.name), with columns: MainstayRecords.ColumnSet, of other: \(model.name))",
            each { index, property in
                let name = property.name
                return "self.\(name) = columns.contains(\(index)) ? other.\(name) : base.\(name)"
            }
        )
    }

    var clearing: String {
        member(
            "init(_ base: \(model.name), without columns: MainstayRecords.ColumnSet)",
            each { index, property in
                let name = property.name
                guard property.type.isOptional else { return "self.\(name) = base.\(name)" }
                return "self.\(name) = columns.contains(\(index)) ? nil : base.\(name)"
            }
        )
    }

    var value: String {
        let cases = each { index, property in "case \(index): return try value(self.\(property.name))" }
        return member(
            "func columnValue(at index: Int) throws(Mainstay.DatabaseError) -> Mainstay.Value",
            [binding, "switch index {"] + cases + ["default: return .null(.any)", "}"]
        )
    }

    /// Only with a version; the protocol has the function that does nothing.
    var version: String? {
        guard let version = model.properties.first(where: { $0.role == .version }) else { return nil }
        return member("mutating func advanceVersion()", ["self.\(version.name) &+= 1"])
    }
}
