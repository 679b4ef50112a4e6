// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Logging
import MainstayMariaDB
import MainstayPostgreSQL
import MainstaySQLite

/// `mainstay demo`: catalogues a folder in a database, has its own connection killed meanwhile, and checks the result.
struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Catalogues a folder in a database, and goes on when its connection is killed.",
        discussion: """
            The tables "folders" and "files" get a row for each folder and file: paths, sizes, dates, SHA-256 of the \
            contents. Another run writes only what changed, and removes what vanished; with another folder it replaces \
            the catalogue. Half-way through, the command has its own connection killed in the middle of a transaction. At \
            the end it compares the database with the folder, row for row, and exits with 0 only if they agree.

            Left out are folders named .git or .build…, symbolic links and other special files, and the SQLite database \
            itself. What can't be read, and names that are not UTF-8, are listed as skipped.
            """
    )

    // Text and not a ConnectionURL: the parser of arguments would quote one that is wrong, password included.
    @Argument(help: "The database: sqlite:FILE, postgresql://… or mariadb://…")
    var url = "sqlite:mainstay-demo.db"

    @Argument(help: "The folder.", completion: .directory)
    var folder = "."

    func run() async throws {
        let root = try FolderLocation(folder)
        var configuration = DatabaseConfiguration()
        // What the library would log, the demo says itself.
        configuration.logger = Logger(label: "mainstay") { _ in SwiftLogNoOpLogHandler() }
        let database = try Database(url, drivers: [.sqlite, .postgreSQL, .mariaDB], configuration: configuration)
        let progress = ProgressLine()
        let agrees: Bool
        do {
            agrees = try await demonstrate(database, root, progress)
        } catch {
            progress.erase()
            await database.close()
            throw error
        }
        guard agrees else { throw ExitCode.failure }
    }

    /// Catalogues, compares, and prints what happened.
    ///
    /// - Returns: Whether the database agrees with the folder.
    private func demonstrate(
        _ database: Database,
        _ root: FolderLocation,
        _ progress: ProgressLine
    ) async throws -> Bool {
        let start = ContinuousClock.now
        let killer = ConnectionKiller()
        let catalogue = Catalogue(database: database)
        try await catalogue.create()
        var cataloguer = Cataloguer(
            root.path,
            excluding: root.files(of: database.driver),
            catalogue: catalogue,
            killer: killer,
            progress: progress
        )
        let changed = try await cataloguer.run()
        let differences =
            try await catalogue.differences(folders: cataloguer.scan.folders, entries: cataloguer.entries)
            + changed.map { "\($0.quoted) changed once more after it had been catalogued" }
        let figures = database.poolFigures
        await database.close()

        for skipped in cataloguer.skipped {
            progress.say("Skipped \(skipped.path.quoted): \(skipped.reason)")
        }
        progress.erase()
        let report = Report(
            root: root.path,
            driver: database.driver,
            cataloguer: cataloguer,
            victim: killer.victim,
            statistics: database.statistics,
            figures: figures,
            elapsed: .now - start
        )
        print(report)
        for difference in differences.prefix(20) {
            progress.say("Difference: \(difference)")
        }
        print(
            differences.isEmpty
                ? "The database and the folder agree, row for row."
                : "The database and the folder do not agree: \(differences.count.counted("difference"))."
        )
        return differences.isEmpty
    }
}
