// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// The columns of a result, shared by its rows.
final class RowLayout: Sendable {
    let columns: [Column]
    private let positions: [String: Int]
    private let ambiguous: Set<String>

    init(_ columns: [Column]) {
        self.columns = columns
        var positions: [String: Int] = [:]
        var ambiguous: Set<String> = []
        for (index, column) in columns.enumerated() {
            if positions.updateValue(index, forKey: column.name) != nil { ambiguous.insert(column.name) }
        }
        self.positions = positions
        self.ambiguous = ambiguous
    }

    func contains(_ name: String) -> Bool {
        positions[name] != nil
    }

    func index(of name: String) throws(DatabaseError) -> Int {
        guard !ambiguous.contains(name) else {
            throw DatabaseError(
                .columnAmbiguous,
                "several columns are named \"\(name)\"",
                hint: "give each a name of its own with AS, or read it by position"
            )
        }
        guard let index = positions[name] else {
            let names = columns.map { "\"\($0.name)\"" }.joined(separator: ", ")
            throw DatabaseError(.columnNotFound, "there is no column \"\(name)\"; there are \(names)")
        }
        return index
    }

    /// Where a value stands, for an error's message.
    func place(_ index: Int) -> String {
        columns.indices.contains(index) ? "column \"\(columns[index].name)\"" : "column \(index)"
    }
}
