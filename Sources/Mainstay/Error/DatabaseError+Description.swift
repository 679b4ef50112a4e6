// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension DatabaseError: CustomStringConvertible {
    /// What happened, in one or a few lines, without parameter values and row values.
    public var description: String {
        var text = "\(code): \(message)"
        let marks = [
            sqlState.map { "SQLSTATE \($0)" }, nativeCode.map(\.description), constraint.map { "constraint \($0)" },
        ].compactMap { $0 }
        if !marks.isEmpty { text += " [\(marks.joined(separator: ", "))]" }
        if let hint { text += "\n  hint: \(hint)" }
        if let statement { text += "\n  statement: \(statement)" }
        // What others' errors say may quote values, as a DecodingError does.
        if let cause { text += "\n  because: \((cause as? DatabaseError)?.description ?? "\(type(of: cause))")" }
        for (index, failure) in earlierFailures.enumerated() {
            text += "\n  attempt \(index + 1): \(failure.code): \(failure.message)"
        }
        return text
    }
}

extension DatabaseError: CustomDebugStringConvertible {
    /// The same as ``description``: a debugger or a log shows no more than an error message does.
    public var debugDescription: String { description }
}

extension DatabaseError: CustomReflectable {
    /// Nothing but the description, so that `dump` shows no row values either.
    public var customMirror: Mirror {
        Mirror(self, children: ["description": description])
    }
}
