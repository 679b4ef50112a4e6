// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension RecordCode {
    /// The type of the key: that of the only property of it, or a struct of several.
    var key: String {
        let keys = model.keys
        if let key = keys.first, keys.count == 1 { return "\(access)typealias Key = \(key.type.wrapped)" }
        let parts = keys.map { "\(access)var \($0.name): \($0.type.wrapped)" }
        let parameters = keys.map { "\($0.name): \($0.type.wrapped)" }
        let initializer = member(
            "init(\(parameters.joined(separator: ", ")))",
            keys.map { "self.\($0.name) = \($0.name)" }
        )
        return """
            \(access)nonisolated struct Key: Hashable, Sendable {
            \(parts.joined(separator: "\n").indented)

            \(initializer.indented)
            }
            """
    }

    /// The record's own key; nil as long as a part of it is.
    var recordKey: String {
        let keys = model.keys
        let head = "var recordKey: Key?"
        if let key = keys.first, keys.count == 1 { return member(head, ["self.\(key.name)"]) }
        // Numbered, since a constant of a property's name could hide what the next one is read from.
        let bindings = keys.indices.filter { keys[$0].type.isOptional }
            .map { "let part\($0) = self.\(keys[$0].name)" }
        let arguments = keys.indices.map { index in
            "\(keys[index].label): " + (keys[index].type.isOptional ? "part\(index)" : "self.\(keys[index].name)")
        }
        let key = "Key(\(arguments.joined(separator: ", ")))"
        guard !bindings.isEmpty else { return member(head, [key]) }
        return member(head, ["guard \(bindings.joined(separator: ", ")) else { return nil }", "return \(key)"])
    }

    /// What is bound where a key is looked up.
    var keyValues: String {
        let keys = model.keys
        let values = keys.count == 1 ? ["value(key)"] : keys.map { "value(key.\($0.name))" }
        return member(
            "static func keyValues(_ key: Key) throws(Mainstay.DatabaseError) -> [Mainstay.Value]",
            [binding, "return try [\(values.joined(separator: ", "))]"]
        )
    }

    /// Whether two keys are the same; the protocol has the function for a key of one property.
    var keyIdentity: String? {
        guard model.keys.count > 1 else { return nil }
        let terms = model.keys.map { "MainstayRecords.KeyBytes.areSame(left.\($0.name), right.\($0.name))" }
        return member(
            "static func isSame(_ left: Key, _ right: Key) -> Bool",
            ["return \(terms.joined(separator: "\n    && "))"]
        )
    }

    /// The hash of a key; the protocol has the function for a key of one property.
    var keyHash: String? {
        guard model.keys.count > 1 else { return nil }
        let parts = model.keys.map { "MainstayRecords.KeyBytes.hash(key.\($0.name), into: &hasher)" }
        return member(
            "static func hashValue(of key: Key) -> Int",
            ["var hasher = Swift.Hasher()"] + parts + ["return hasher.finalize()"]
        )
    }

    /// A local function that binds a value: called on a type whose `sqlValue` can't throw, `try` would be warned of.
    var binding: String {
        """
        func value(_ value: some Mainstay.SQLEncodable) throws(Mainstay.DatabaseError) -> Mainstay.Value {
            try value.sqlValue
        }
        """
    }
}
