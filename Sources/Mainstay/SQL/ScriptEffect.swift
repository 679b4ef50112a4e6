// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What a script's text says that it may do to the transaction: what decides before it is sent, and while it has no answer.
///
/// Afterwards the server's word counts, ``Connection/takeTrace()``.
struct ScriptEffect: Sendable, Hashable {
    /// Whether there is nothing to execute.
    let isEmpty: Bool
    /// Whether it begins or ends transactions, whichever database reads it.
    let surelyControlsTransaction: Bool
    /// Whether it begins or ends transactions if one of the databases reads it, or may do so in a part that can't be told from the
    /// body of a trigger.
    let mayControlTransaction: Bool
    /// Whether it may commit on a database whose DDL is not part of the transaction.
    let mayCommit: Bool

    init(of text: String) {
        var readings: [(controls: Bool, isOpaque: Bool, mayCommit: Bool, isEmpty: Bool)] = []
        for reading in SQLReading.all(of: text) {
            var statements = ScriptStatements(text, reading)
            var found = (controls: false, isOpaque: false, mayCommit: false, isEmpty: true)
            while let (words, isOpaque) = statements.next(), !found.isOpaque {
                if !words.isEmpty { found.isEmpty = false }
                if words.controlsWholeTransaction { found.controls = true }
                if !words.isEmpty, !StatementEffect.isNeverCommitting(words) { found.mayCommit = true }
                found.isOpaque = isOpaque
            }
            readings.append(found)
        }
        isEmpty = readings.allSatisfy(\.isEmpty)
        surelyControlsTransaction = readings.allSatisfy(\.controls)
        mayCommit = readings.contains { $0.mayCommit || $0.isOpaque }
        mayControlTransaction =
            readings.contains(where: \.controls) || readings.contains(where: \.isOpaque) && Self.hasWordOfControl(text)
    }

    /// Whether one of the words is in the text that end a transaction. A body of statements has no others.
    private static func hasWordOfControl(_ text: String) -> Bool {
        let words = text.uppercased().split { !($0.isLetter || $0.isNumber || $0 == "_") }
        return words.contains { controlling.contains(String($0)) }
    }

    private static let controlling: Set<String> = ["COMMIT", "ROLLBACK", "ABORT", "START", "PREPARE"]
}
