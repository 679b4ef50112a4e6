// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The `mainstay` command.
@main
struct MainstayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mainstay",
        abstract: "One session API over PostgreSQL, MariaDB and SQLite, on the command line.",
        subcommands: [Demo.self]
    )
}
