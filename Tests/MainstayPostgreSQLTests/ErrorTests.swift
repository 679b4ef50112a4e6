// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting
import Testing

@testable import MainstayPostgreSQL

@Suite(.enabled(if: TestServer.isAsked, "MAINSTAY_POSTGRESQL_URL is not set"))
struct ErrorTests {
    @Test(
        arguments: [
            ("42601", .syntaxError), ("42P01", .undefinedObject), ("42703", .undefinedObject),
            ("42883", .undefinedObject),
            ("3F000", .undefinedObject), ("42P07", .duplicateObject), ("42701", .duplicateObject),
            ("42501", .permissionDenied), ("23505", .uniqueViolation), ("23503", .foreignKeyViolation),
            ("23502", .notNullViolation), ("23514", .checkViolation), ("23P01", .constraintViolation),
            ("22003", .valueOutOfRange), ("22001", .valueOutOfRange), ("22P02", .invalidValue),
            ("22007", .invalidValue),
            ("40001", .serializationFailure), ("40P01", .deadlock), ("55P03", .lockTimeout),
            ("53100", .storageFull), ("53200", .outOfResources), ("0A000", .unsupported),
        ] as [(String, DatabaseError.Code)]
    )
    func `A SQLSTATE has its code`(state: String, code: DatabaseError.Code) throws {
        let connection = try TestServer.connect()
        defer { connection.close() }
        let error = failure {
            _ = try connection.executeScript("DO $$ BEGIN RAISE EXCEPTION 'made up' USING ERRCODE = '\(state)'; END $$")
        }.error
        #expect(error?.code == code)
        #expect(error?.sqlState == state)
        #expect(error?.isConnectionUsable == true)
        #expect(try connection.cell("SELECT 1") == .integer(1))
    }

    @Test func `Values are in no message`() throws {
        try TestServer.withConnection { connection throws in
            try connection.execute("CREATE TABLE t (a TEXT PRIMARY KEY, b INT)")
            try connection.execute("INSERT INTO t VALUES ($1)", .text("hunter2"))
            for error in [
                failure { try connection.execute("INSERT INTO t VALUES ($1)", .text("hunter2")) }.error,
                failure { try connection.execute("INSERT INTO t (b) VALUES ($1)", .text("hunter2")) }.error,
            ] {
                #expect(error != nil)
                #expect(error?.description.contains("hunter2") == false)
            }
        }
    }
}
