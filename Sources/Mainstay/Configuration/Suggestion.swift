// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// "Did you mean …?"
enum Suggestion {
    /// The candidate that a misspelt word most likely stands for, or nil when none is close.
    static func closest(to word: String, among candidates: [String]) -> String? {
        let word = word.lowercased()
        let limit = min(3, max(1, word.utf8.count / 3))
        let ranked = candidates.map { (candidate: $0, distance: distance(word, $0.lowercased())) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }), best.distance <= limit else { return nil }
        return best.candidate
    }

    /// Levenshtein's distance: how many bytes must be inserted, removed or replaced to make one word from the other.
    static func distance(_ one: String, _ other: String) -> Int {
        let other = Array(other.utf8)
        var row = Array(0...other.count)
        for (i, byte) in one.utf8.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, otherByte) in other.enumerated() {
                let replaced = diagonal + (byte == otherByte ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
            }
        }
        return row[other.count]
    }
}
