// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstaySQLite

/// What a run of the demo did, as a table.
struct Report: CustomStringConvertible {
    let root: String
    let driver: any Driver
    let cataloguer: Cataloguer
    let victim: String?
    let statistics: Statistics
    let figures: [Role: PoolFigures]
    let elapsed: Duration

    var description: String {
        rows.map { "\($0.0)\(String(repeating: " ", count: 13 - $0.0.count))\($0.1)\n" }.joined()
    }

    private var rows: [(String, String)] {
        let changes = cataloguer.changes
        let bytes = cataloguer.entries.values.reduce(0) { $0 + $1.size }
        return [
            ("Folder", root.quoted),
            ("Database", "\(driver.name), \(driver.location.quoted)"),
            (
                "Catalogued",
                "\(cataloguer.entries.count.grouped) files, \(cataloguer.scan.folders.count.grouped) folders, \(bytes.grouped) bytes"
            ),
            ("Skipped", "\(cataloguer.skipped.count.grouped)"),
            (
                "Rows",
                "\(changes.inserted.grouped) inserted, \(changes.updated.grouped) updated, \(changes.deleted.grouped) deleted"
            ),
            ("Killed", victim.map { "\($0), in the middle of a transaction, which was run again" } ?? "nothing"),
            (
                "Sessions",
                "\(statistics.sessions.grouped) for \(statistics.scopes.grouped) scopes, \(statistics.retries.grouped) run again"
            ),
            ("Statements", "\(statistics.statements.grouped)"),
            ("Connections", connections),
        ] + figures.sorted { "\($0.key)" > "\($1.key)" }.map { ("Pool", pool($0, $1)) } + [
            ("Elapsed", elapsed.formatted)
        ]
    }

    private var connections: String {
        """
        \(statistics.connectionsOpened) opened, \(statistics.connectionsReplaced) replaced, \
        \(statistics.connectionsFailed) failed, \(statistics.connectionsClosed) closed
        """
    }

    private func pool(_ role: Role, _ figures: PoolFigures) -> String {
        "\(role)s: \(figures.idle) idle, \(figures.leased) leased, \(figures.waiting) waiting, of at most \(figures.limit)"
    }
}

extension Duration {
    /// Seconds with two decimals.
    fileprivate var formatted: String {
        let hundredths = components.seconds * 100 + components.attoseconds / 10_000_000_000_000_000
        let rest = String(hundredths % 100)
        return "\(hundredths / 100).\(rest.count == 1 ? "0" : "")\(rest) s"
    }
}
