// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayMariaDB
import Testing

@testable import MainstayMariaDB

struct ErrorTableTests {
    static let rows: [(Vendor, DatabaseError.Code, [Int])] = [
        (.mariaDB, .cannotConnect, [2001, 2002, 2003, 2004, 2005, 2012, 1042, 1043, 1129, 5001]),
        (.mariaDB, .authenticationFailed, [1045, 1130, 1251, 1698, 2049, 2059, 2061, 5010, 5012]),
        (.mariaDB, .unknownDatabase, [1049]),
        (.mariaDB, .tlsFailed, [2026]),
        (.mariaDB, .tooManyConnections, [1040, 1203, 1226]),
        (.mariaDB, .connectionLost, [2006, 2013, 2014, 2027, 2055, 1053, 1077, 1079, 1927, 5013, 5014]),
        (.mariaDB, .connectionLost, [1152, 1184, 1158, 1159, 1160, 1161]),
        (.mariaDB, .serverUnavailable, [1047]),
        (.mariaDB, .deadlock, [1213, 1614]),
        (.mariaDB, .lockTimeout, [1205]),
        (.mariaDB, .serializationFailure, [1020, 1402]),
        (.mariaDB, .readOnly, [1290, 1792, 1836]),
        (.mariaDB, .cancelled, [1317]),
        (.mariaDB, .timeout, [1969]),
        (.mariaDB, .syntaxError, [1064, 1149, 1065]),
        (.mariaDB, .undefinedObject, [1146, 1054, 1305, 1051, 1091, 1176, 4031]),
        (.mariaDB, .duplicateObject, [1050, 1060, 1061, 1007]),
        (.mariaDB, .permissionDenied, [1142, 1143, 1227, 1044]),
        (.mariaDB, .uniqueViolation, [1062, 1586]),
        (.mariaDB, .foreignKeyViolation, [1451, 1452, 1216, 1217]),
        (.mariaDB, .notNullViolation, [1048, 1364]),
        (.mariaDB, .checkViolation, [4025]),
        (.mariaDB, .valueOutOfRange, [1406, 1264, 1690, 1265, 1153, 2020]),
        (.mariaDB, .invalidValue, [1366, 1292, 1411, 1367]),
        (.mariaDB, .storageFull, [1114, 1021]),
        (.mariaDB, .outOfResources, [1206, 1461, 2008]),
        (.mariaDB, .staleStatement, [1243, 1615]),
        (.mariaDB, .other, [1189, 1190, 1, 3024, 3819, 3058 + 10_000]),
        (.mySQL, .connectionLost, [4031, 2006, 2013]),
        (.mySQL, .timeout, [3024]),
        (.mySQL, .checkViolation, [3819]),
        (.mySQL, .deadlock, [1213, 3058]),
        (.mySQL, .other, [1969, 1927, 4025, 5013]),
    ]

    @Test(arguments: rows)
    func `A number means what its vendor means by it`(_ row: (Vendor, DatabaseError.Code, [Int])) {
        for number in row.2 {
            #expect(ErrorTable.code(number, of: row.0) == row.1, "\(row.0.rawValue) \(number)")
        }
    }

    @Test func `4031 ends a connection on MySQL and is a missing trigger on MariaDB`() {
        let mariaDB = ErrorReport(vendor: .mariaDB, number: 4031, sqlState: "HY000", text: "Referenced trigger …").error
        #expect(mariaDB.code == .undefinedObject)
        #expect(mariaDB.isConnectionUsable && !mariaDB.isTransient)
        #expect(mariaDB.nativeCode == DatabaseError.NativeCode(vendor: "MariaDB", number: 4031))
        let mySQL = ErrorReport(vendor: .mySQL, number: 4031, sqlState: "HY000", text: "The client was …").error
        #expect(mySQL.code == .connectionLost)
        #expect(!mySQL.isConnectionUsable && mySQL.isTransient)
        #expect(mySQL.nativeCode == DatabaseError.NativeCode(vendor: "MySQL", number: 4031))
    }

    @Test(arguments: [2006, 2013, 2014, 2027, 2055, 1053, 1927, 5013, 5014, 1047, 1153, 2020])
    func `After some errors the connection is of no use`(_ number: Int) {
        let error = ErrorReport(vendor: .mariaDB, number: number, sqlState: "", text: "").error
        #expect(!error.isConnectionUsable)
        #expect(error.isTransient == ![1153, 2020].contains(number))
    }

    @Test(arguments: [1213, 1205, 1062, 1317, 1969, 1064, 1226, 1194, 1114, 1290])
    func `After most errors it is as good as before`(_ number: Int) {
        #expect(ErrorReport(vendor: .mariaDB, number: number, sqlState: "", text: "").error.isConnectionUsable)
    }

    @Test func `A read-only server may be followed by another one, a read-only transaction is what was asked for`() {
        func report(_ number: Int, _ text: String) -> DatabaseError {
            ErrorReport(vendor: .mariaDB, number: number, sqlState: "HY000", text: text).error
        }
        let server = report(1290, "The MariaDB server is running with the --read-only option so it cannot execute this")
        #expect(server.code == .readOnly && server.isTransient)
        let other = report(1290, "The MariaDB server is running with the --secure-file-priv option so it cannot …")
        #expect(other.code == .unsupported && !other.isTransient)
        #expect(!report(1792, "Cannot execute statement in a READ ONLY transaction").isTransient)
    }

    @Test func `A full disk is told from other errors of a storage engine`() {
        func code(_ text: String) -> DatabaseError.Code {
            ErrorReport(vendor: .mariaDB, number: 1030, sqlState: "HY000", text: text).code
        }
        #expect(code("Got error 28 \"No space left on device\" from storage engine InnoDB") == .storageFull)
        #expect(code("Got error 128 \"…\" from storage engine InnoDB") == .other)
    }
}
