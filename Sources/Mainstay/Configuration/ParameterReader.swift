// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Reads the parameters of a ``ConnectionURL`` by name and type, and then finds those that nobody asked for.
///
/// ```swift
/// var parameters = ParameterReader(url)
/// let cacheSize = try parameters.int("statement_cache_size", in: 0...10_000) ?? 256
/// let timeout = try parameters.duration("statement_timeout", in: .zero ... .seconds(3600))
/// try parameters.finish()
/// ```
/// Every function returns nil when the URL does not have the parameter, and throws
/// ``DatabaseError/Code/invalidConfiguration`` when its value does not fit. Such an error names the parameter and says
/// what would fit, but never quotes the value.
public struct ParameterReader: Sendable {
    private let parameters: [ConnectionURL.Parameter]
    private var known: [String] = []

    /// Creates a reader of a URL's parameters.
    public init(_ url: ConnectionURL) {
        parameters = url.parameters
    }

    /// A text.
    ///
    /// - Throws: ``DatabaseError/Code/invalidConfiguration`` when it is empty.
    public mutating func string(_ name: String) throws(DatabaseError) -> String? {
        guard let value = value(of: name) else { return nil }
        guard !value.isEmpty else { throw Self.misfit(name, "is empty") }
        return value
    }

    /// A password or the like, possibly empty.
    public mutating func secret(_ name: String) -> Secret? {
        value(of: name).map { Secret($0) }
    }

    /// The path of a file or directory.
    ///
    /// - Throws: ``DatabaseError/Code/invalidConfiguration`` when it is empty or begins with `~`, which only a shell
    ///   expands.
    public mutating func filePath(_ name: String) throws(DatabaseError) -> String? {
        guard let path = try string(name) else { return nil }
        guard path.utf8.first != UInt8(ascii: "~") else {
            throw Self.misfit(name, "begins with ~, which is not expanded", hint: "write the whole path")
        }
        return path
    }

    /// A yes or no: `true`, `on`, `yes` or `1`; `false`, `off`, `no` or `0`.
    ///
    /// - Throws: ``DatabaseError/Code/invalidConfiguration`` when it is none of these words.
    public mutating func bool(_ name: String) throws(DatabaseError) -> Bool? {
        switch value(of: name) {
        case nil: return nil
        case "true", "on", "yes", "1": return true
        case "false", "off", "no", "0": return false
        default: throw Self.misfit(name, "is neither true nor false")
        }
    }

    /// A whole number within a range.
    ///
    /// - Throws: ``DatabaseError/Code/invalidConfiguration`` when it is not decimal digits, with or without a minus
    ///   sign, or lies outside of the range.
    public mutating func int(_ name: String, in range: ClosedRange<Int>) throws(DatabaseError) -> Int? {
        guard let value = value(of: name) else { return nil }
        guard value.utf8.first != UInt8(ascii: "+"), let number = Int(value), range.contains(number) else {
            throw Self.misfit(name, "is not a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A duration within a range: a whole number and its unit, `500ms`, `30s`, `2m` or `1h`.
    ///
    /// - Throws: ``DatabaseError/Code/invalidConfiguration`` when it is not one, has no unit, or lies outside of the
    ///   range.
    public mutating func duration(
        _ name: String,
        in range: ClosedRange<Duration>
    ) throws(DatabaseError) -> Duration? {
        guard let value = value(of: name) else { return nil }
        guard let duration = DurationText.parse(value), range.contains(duration) else {
            let bounds = "\(DurationText.render(range.lowerBound)) to \(DurationText.render(range.upperBound))"
            throw Self.misfit(name, "is not a duration from \(bounds)", hint: "write 500ms, 30s, 2m or 1h")
        }
        return duration
    }

    /// One of a few words, such as the cases of an enum.
    ///
    /// - Throws: ``DatabaseError/Code/invalidConfiguration`` when it is none of them.
    public mutating func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ name: String,
        as type: Choice.Type = Choice.self
    ) throws(DatabaseError) -> Choice? {
        guard let value = value(of: name) else { return nil }
        // A raw value is compared as bytes: `==` of strings would take other spellings of the same characters.
        guard let choice = Choice.allCases.first(where: { $0.rawValue.utf8.elementsEqual(value.utf8) }) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw Self.misfit(name, "is none of: \(words)")
        }
        return choice
    }

    /// Makes sure that the URL has no parameter but those that were asked for.
    ///
    /// - Throws: ``DatabaseError/Code/invalidConfiguration`` naming the others, what they may stand for, and all that
    ///   are known.
    public func finish() throws(DatabaseError) {
        let unknown = parameters.map(\.name).filter { !known.contains($0) }
        guard !unknown.isEmpty else { return }
        var advice = unknown.compactMap { name in
            Suggestion.closest(to: name, among: known).map { "\"\($0)\" instead of \"\(name)\"?" }
        }
        advice.append(
            known.isEmpty ? "no parameter is known here" : "known are \(known.sorted().joined(separator: ", "))"
        )
        let names = unknown.map { "\"\($0)\"" }.joined(separator: ", ")
        throw .misconfigured(
            "unknown parameter\(unknown.count == 1 ? "" : "s") \(names)",
            hint: advice.joined(separator: " ")
        )
    }

    private mutating func value(of name: String) -> String? {
        if !known.contains(name) { known.append(name) }
        return parameters.first { $0.name == name }?.value
    }

    static func misfit(_ name: String, _ what: String, hint: String? = nil) -> DatabaseError {
        .misconfigured("parameter \"\(name)\" \(what)", hint: hint)
    }
}
