// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// The columns of a result, shared by its rows.
final class RowLayout: Sendable {
    let columns: [Column]
    // By their bytes: a database has columns side by side whose names are equal strings in Swift.
    private let positions: [ExactText: Int]
    private let ambiguous: Set<ExactText>

    init(_ columns: [Column]) {
        self.columns = columns
        var positions: [ExactText: Int] = [:]
        var ambiguous: Set<ExactText> = []
        for (index, column) in columns.enumerated() {
            let name = ExactText(column.name)
            if positions.updateValue(index, forKey: name) != nil { ambiguous.insert(name) }
        }
        self.positions = positions
        self.ambiguous = ambiguous
    }

    func contains(_ name: String) -> Bool {
        positions[ExactText(name)] != nil
    }

    func index(of name: String) throws(DatabaseError) -> Int {
        guard !ambiguous.contains(ExactText(name)) else {
            throw DatabaseError(
                .columnAmbiguous,
                "several columns are named \"\(name)\"",
                hint: "give each a name of its own with AS, or read it by position"
            )
        }
        guard let index = positions[ExactText(name)] else {
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
