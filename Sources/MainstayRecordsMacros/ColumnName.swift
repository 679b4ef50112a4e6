// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Columns named after properties.
enum ColumnName {
    /// In small letters with underscores before words: `teamID` is `team_id`, and `httpURLPath` is `http_url_path`.
    static func snakeCase(_ name: String) -> String {
        let letters = Array(name)
        var words = ""
        for (index, letter) in letters.enumerated() {
            if startsWord(at: index, of: letters) { words.append("_") }
            words.append(letter.lowercased())
        }
        return words
    }

    private static func startsWord(at index: Int, of letters: [Character]) -> Bool {
        guard index > 0, letters[index].isUppercase, letters[index - 1] != "_" else { return false }
        guard letters[index - 1].isUppercase else { return true }
        // Inside an abbreviation, the last capital begins the next word, unless only a plural follows: `tagIDs`.
        guard index + 1 < letters.count, letters[index + 1].isLowercase else { return false }
        let isPlural = letters[index + 1] == "s" && (index + 2 == letters.count || !letters[index + 2].isLowercase)
        return !isPlural
    }
}
