// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension SQL {
    /// A statement's text for one database.
    struct Rendered: Sendable, Hashable {
        var text = ""
        var parameterTypes: [ValueType] = []
    }

    /// Writes the text for a database.
    ///
    /// - Throws: `invalidParameter` for an identifier that the database would truncate or can't hold, and for more
    ///   parameters than it takes.
    func render(for dialect: Dialect) throws(DatabaseError) -> Rendered {
        var rendered = Rendered()
        for part in shape.parts {
            switch part {
            case .raw(let text):
                rendered.text += text
            case .value(let type):
                rendered.append(type, for: dialect)
            case .columnValues(let values):
                for index in 0..<values.count {
                    if index > 0 { rendered.text += ", " }
                    rendered.append(values.type, for: dialect)
                }
            case .list(let type, 0):
                rendered.text += dialect.emptyList(type)
            case .list(let type, let count):
                for index in 0..<count {
                    if index > 0 { rendered.text += ", " }
                    rendered.append(type, for: dialect)
                }
            case .identifier(let names):
                rendered.text += try dialect.quote(names)
            case .columnType(let type):
                rendered.text += dialect.columnType(type)
            case .names(let list, let table):
                let prefix = try table.map { (name) throws(DatabaseError) in try dialect.quote([name]) + "." } ?? ""
                for (index, name) in list.names.enumerated() {
                    rendered.text += try (index > 0 ? ", " : "") + prefix + dialect.quote([name])
                }
            case .defaultRow:
                rendered.text += dialect.defaultRow
            case .rows(let types, let count):
                for index in 0..<count {
                    rendered.text += index > 0 ? ", (" : "("
                    for (index, type) in types.enumerated() {
                        if index > 0 { rendered.text += ", " }
                        rendered.append(type, for: dialect)
                    }
                    rendered.text += ")"
                }
            }
        }
        guard rendered.parameterTypes.count <= dialect.parameterLimit else {
            throw DatabaseError(
                .invalidParameter,
                "\(rendered.parameterTypes.count) parameters are more than \(dialect.name) takes, "
                    + "\(dialect.parameterLimit)",
                hint: "split the list, or execute one statement for several sets of parameters"
            )
        }
        return rendered
    }
}

extension SQL.Rendered {
    fileprivate mutating func append(_ type: ValueType, for dialect: Dialect) {
        parameterTypes.append(type)
        switch dialect.placeholder {
        case .questionMark: text += "?"
        case .dollarNumber: text += "$\(parameterTypes.count)"
        }
    }
}

extension Dialect {
    /// A name in the database's quotes, qualified by those before it.
    ///
    /// - Throws: `invalidParameter` for a name that is empty, too long, or contains U+0000.
    public func quote(_ names: [String]) throws(DatabaseError) -> String {
        var quoted: [String] = []
        for name in names {
            guard !name.isEmpty, name.utf8.count <= identifierLimit, !name.utf8.contains(0) else {
                throw DatabaseError(
                    .invalidParameter,
                    "an identifier has 1 to \(identifierLimit) bytes and no U+0000 on \(self.name)",
                    hint: "servers cut longer names, which may then mean another table"
                )
            }
            // By scalars and not by characters: a quote with a combining mark is another character, but not to a server.
            var text = String.UnicodeScalarView(identifierQuote.unicodeScalars)
            for scalar in name.unicodeScalars {
                if identifierQuote.unicodeScalars.contains(scalar) { text.append(scalar) }
                text.append(scalar)
            }
            text.append(contentsOf: identifierQuote.unicodeScalars)
            quoted.append(String(text))
        }
        guard !quoted.isEmpty else {
            throw DatabaseError(.invalidParameter, "an identifier needs at least one name")
        }
        return quoted.joined(separator: ".")
    }
}

extension SQL: CustomStringConvertible {
    /// The text with `?` for each value, for logs; the values are not part of it.
    public var description: String {
        var text = ""
        for part in shape.parts {
            switch part {
            case .raw(let raw): text += raw
            case .value: text += "?"
            case .list(_, let count): text += Array(repeating: "?", count: count).joined(separator: ", ")
            case .columnValues(let values):
                text += Array(repeating: "?", count: values.count).joined(separator: ", ")
            case .identifier(let names): text += names.map { "\"\($0)\"" }.joined(separator: ".")
            case .columnType(let type): text += "\(type)"
            case .names(let list, let table):
                text += list.names.map { (table.map { "\"\($0)\"." } ?? "") + "\"\($0)\"" }.joined(separator: ", ")
            case .defaultRow: text += "DEFAULT VALUES"
            case .rows(let types, let count):
                let row = "(\(Array(repeating: "?", count: types.count).joined(separator: ", ")))"
                text += Array(repeating: row, count: count).joined(separator: ", ")
            }
        }
        return text
    }
}
