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
        let pools = figures.sorted { "\($0.key)" > "\($1.key)" }.map { ("Pool", pool($0, $1)) }
        return [
            ("Folder", root.quoted),
            ("Database", "\(driver.name), \(driver.location.quoted)"),
            ("Catalogued", contents),
            ("Skipped", cataloguer.skipped.count.grouped),
            ("Rows", rowsWritten),
            ("Killed", victim.map { "\($0), and the transaction was run again" } ?? "nothing"),
            ("Sessions", sessions),
            ("Statements", statistics.statements.grouped),
            ("Connections", connections),
        ] + pools + [("Elapsed", elapsed.formatted)]
    }

    private var contents: String {
        let (files, folders) = (cataloguer.entries.count, cataloguer.scan.folders.count)
        let bytes = cataloguer.entries.values.reduce(0) { $0 + $1.size }
        return "\(files.counted("file")), \(folders.counted("folder")), \(bytes.counted("byte"))"
    }

    private var rowsWritten: String {
        let changes = cataloguer.changes
        return """
            \(changes.inserted.grouped) inserted, \(changes.updated.grouped) updated, \
            \(changes.deleted.grouped) deleted, \(changes.unchanged.grouped) found unchanged and not written
            """
    }

    private var sessions: String {
        """
        \(statistics.sessions.grouped) for \(statistics.scopes.counted("scope")), \
        \(statistics.retries.counted("retry", "retries"))
        """
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
