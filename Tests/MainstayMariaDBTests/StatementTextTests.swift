// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import MainstayMariaDB

struct StatementTextTests {
    @Test(arguments: [
        ("INSERT INTO t", true), ("insert", true), ("  \n/* c */-- x\n# y\nReplace into", true), ("DELETE FROM", true),
        ("UPDATE t", true), ("SELECT 1", false), ("INSERTS", false), ("/* INSERT */ SELECT", false), ("", false),
        ("/* never closed INSERT", false), ("--INSERT", false), ("CALL insert()", false), ("ÏNSERT", false),
    ])
    func `Statements that write rows are told by their first word`(_ text: String, _ isWrite: Bool) {
        #expect(text.isWrite == isWrite)
    }
}
