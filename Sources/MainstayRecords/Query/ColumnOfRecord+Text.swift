// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

public import Mainstay

/// What columns of text hold: a string or an optional one.
public protocol TextColumnValue: SQLCodable {}

extension String: TextColumnValue {}
extension Optional: TextColumnValue where Wrapped == String {}

extension ColumnOfRecord where Value: TextColumnValue {
    /// Like a pattern, in which `%` stands for any text, `_` for one character, and `!%`, `!_`, `!!` for these characters themselves.
    public func like(_ pattern: String) -> Predicate {
        Predicate("\(sql) LIKE \(pattern) ESCAPE '!'")
    }

    /// With a text in it, whatever characters it has.
    public func contains(_ text: String) -> Predicate { like("%\(Self.escaped(text))%") }

    /// With a text at its start, whatever characters it has.
    public func hasPrefix(_ text: String) -> Predicate { like("\(Self.escaped(text))%") }

    /// With a text at its end, whatever characters it has.
    public func hasSuffix(_ text: String) -> Predicate { like("%\(Self.escaped(text))") }

    private static func escaped(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar == "%" || scalar == "_" || scalar == "!" { escaped.append("!") }
            escaped.append(scalar)
        }
        return String(escaped)
    }
}
