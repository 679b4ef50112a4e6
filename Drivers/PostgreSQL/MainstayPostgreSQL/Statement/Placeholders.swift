// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Counts the placeholders of a statement, `$1` and so on.
///
/// The server tells how many parameters a statement has, but counts those whose type it was told even if the text has no
/// place for them. And some releases of libpq refuse to hear of more than 7,498. So the text is looked at.
enum Placeholders {
    /// The highest number of a placeholder in the text, outside of literals, quoted names and comments.
    static func highest(in text: String) -> Int {
        var highest = 0
        for case .placeholder(let number) in StatementScanner(text) { highest = Swift.max(highest, number) }
        return highest
    }

    /// Makes sure that there is a value for each placeholder, and a placeholder for each value.
    ///
    /// - Throws: `parameterCount`.
    static func require(_ count: Int, in text: String) throws(DatabaseError) {
        let highest = highest(in: text)
        guard highest != count, !(count == 0 && definesOthers(text)) else { return }
        throw DatabaseError(.parameterCount, "the statement has \(highest) placeholders and is given \(count) values")
    }

    /// True if the placeholders may be those of another statement or function, which this one only defines.
    private static func definesOthers(_ text: String) -> Bool {
        for case .word(let word) in StatementScanner(text) {
            return ["CREATE", "PREPARE"].contains(String(Substring(word)).uppercased())
        }
        return false
    }
}
