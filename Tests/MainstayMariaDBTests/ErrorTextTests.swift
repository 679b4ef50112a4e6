// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import MainstayMariaDB

struct ErrorTextTests {
    private func error(_ number: Int, _ text: String) -> DatabaseError {
        ErrorReport(vendor: .mariaDB, number: number, sqlState: "23000", text: text).error
    }

    @Test(arguments: [
        "Duplicate entry 'a@b.c' for key 'email'",
        "Duplicate entry 'x' for key 'y' for key 'email'",
        "Duplicate entry ''' for key '' for key 'email'",
    ])
    func `A duplicate entry is told by its key and not by its value`(_ text: String) {
        let error = error(1062, text)
        #expect(error.constraint == "email")
        #expect(error.message == "duplicate entry for key \"email\"")
        #expect(error.sensitiveDetail == text)
        #expect(!"\(error)".contains("a@b.c"))
    }

    @Test func `Without the form that is expected, a duplicate entry has no name`() {
        for text in ["", "Doppelter Eintrag 'geheim'", "Duplicate entry 'x' for key '", "' for key 'a"] {
            let error = error(1062, text)
            #expect(error.constraint == nil)
            #expect(error.message == "duplicate entry")
        }
    }

    @Test func `The constraint is named`() {
        let child =
            "Cannot add or update a child row: a foreign key constraint fails (`db`.`child`, CONSTRAINT `parent_fk` "
            + "FOREIGN KEY (`p`) REFERENCES `parent` (`id`))"
        #expect(error(1452, child).constraint == "parent_fk")
        #expect(error(1216, "Cannot add or update a child row: a foreign key constraint fails").constraint == nil)
        #expect(error(4025, "CONSTRAINT `positive` failed for `db`.`item`").constraint == "positive")
        #expect(error(1048, "Column 'name' cannot be null").constraint == "name")
        #expect(error(1364, "Field 'name' doesn't have a default value").constraint == "name")
        let mySQL = ErrorReport(
            vendor: .mySQL,
            number: 3819,
            sqlState: "HY000",
            text: "Check constraint 'positive' is violated."
        )
        #expect(mySQL.error.constraint == "positive")
    }

    @Test(arguments: [
        (1366, "Incorrect integer value: 'geheim' for column `db`.`t`.`a` at row 1", "`db`.`t`.`a`"),
        (1366, "Incorrect integer value: 'geheim for column `x`' for column `db`.`t`.`a` at row 12", "`db`.`t`.`a`"),
        (1292, "Incorrect datetime value: 'geheim'", nil),
        (1292, "Truncated incorrect INTEGER value: 'geheim for column geheim at row 1'", nil),
        (1411, "Incorrect geheim value: 'geheim' for function str_to_date", nil),
        (1690, "BIGINT value is out of range in 'geheim + 1'", nil),
    ])
    func `A value is not quoted, the column is`(_ number: Int, _ text: String, _ column: String?) {
        let error = error(number, text)
        #expect(!"\(error)".contains("geheim"))
        #expect(error.sensitiveDetail == text)
        if let column { #expect(error.message.contains(column)) }
    }

    @Test func `Any text is taken`() {
        var generator = SystemRandomNumberGenerator()
        let pieces = ["'", "`", " for key '", " for column ", " at row ", "1", "CONSTRAINT `", "é", "x", " '", "\0"]
        for _ in 0..<2000 {
            let text = (0..<Int.random(in: 0...8, using: &generator)).map { _ in pieces.randomElement() ?? "" }.joined()
            for number in [1062, 1366, 1452, 4025, 1048, 1690, 1064] { _ = error(number, text).description }
        }
    }
}
