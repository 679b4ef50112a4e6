// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

// Of those who learn it: the core from the text, and drivers whose library shows a statement before it is executed.
extension DatabaseError {
    /// A script that would take the transaction out of the scope's hands.
    package static let scriptControlsTransaction = DatabaseError(
        .misuse,
        "the script begins or ends transactions, and that of the scope belongs to the scope",
        hint: "execute it in withSession { }, or take BEGIN, COMMIT and ROLLBACK out of it"
    )

    /// A statement that begins or ends a transaction.
    package static let statementControlsTransaction = DatabaseError(
        .misuse,
        "transactions belong to the session and are not begun or ended by statements",
        hint: "use commit(), rollback() and withSavepoint { }, or write { } and read { } of the database"
    )
}
