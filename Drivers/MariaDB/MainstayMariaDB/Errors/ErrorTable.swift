// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What the error numbers of servers and of the client library mean.
///
/// Sources: the server's `mysqld_error.h`, Connector/C's `errmsg.h`. MariaDB and MySQL agree on the numbers up to 1899
/// and on those of the client library, 2000 to 2999; beyond, the same number means different things.
enum ErrorTable {
    /// What a number means, or `other`.
    static func code(_ number: Int, of vendor: Vendor) -> DatabaseError.Code {
        if let code = common[number] { return code }
        switch vendor {
        case .mariaDB: return mariaDB[number] ?? .other
        case .mySQL: return mySQL[number] ?? .other
        }
    }

    private static let common = byNumber([
        // Connecting: socket, host, handshake; host blocked after too many errors
        (.cannotConnect, [2001, 2002, 2003, 2004, 2005, 2012, 1042, 1043, 1129]),
        // access denied, host not allowed, password expired, old authentication, plug-in not loadable or failed
        (.authenticationFailed, [1045, 1130, 1251, 1275, 1698, 1820, 1862, 2049, 2059, 2061]),
        (.unknownDatabase, [1049]),
        (.tlsFailed, [2026]),
        // all connections, those of a user, and whatever else a user may have only so many of
        (.tooManyConnections, [1040, 1203, 1226]),
        (.invalidConfiguration, [2009, 2047]),

        // The connection: gone, lost, out of step, malformed packet; shutdown, aborted connection, network errors
        (.connectionLost, [2006, 2013, 2014, 2027, 2055, 1053, 1077, 1079, 1080, 1152, 1184]),
        (.connectionLost, [1156, 1157, 1158, 1159, 1160, 1161]),
        // Galera: the node is not ready
        (.serverUnavailable, [1047]),

        // The transaction
        (.deadlock, [1213, 1614, 3058]),
        (.lockTimeout, [1205]),
        (.serializationFailure, [1020, 1402]),
        (.readOnly, [1290, 1792, 1836]),
        (.cancelled, [1317]),
        (.misuse, [1400, 1568]),

        // The statement
        (.syntaxError, [1059, 1064, 1065, 1102, 1103, 1149, 1166, 1221]),
        (.undefinedObject, [1051, 1054, 1072, 1091, 1109, 1115, 1122, 1128, 1141, 1146, 1147, 1176, 1193]),
        (.undefinedObject, [1273, 1305, 1360, 1449]),
        (.duplicateObject, [1007, 1050, 1060, 1061, 1304, 1359, 1826]),
        (.permissionDenied, [1044, 1095, 1142, 1143, 1227, 1370]),
        (.parameterCount, [1390]),
        // unknown to the server, or to be prepared again
        (.staleStatement, [1243, 1615]),
        (.unsupported, [1235, 1286, 1289, 1295, 2007, 2036, 2054]),

        // The values
        (.uniqueViolation, [1022, 1062, 1169, 1586]),
        (.foreignKeyViolation, [1216, 1217, 1451, 1452, 1761, 1762]),
        (.notNullViolation, [1048, 1263, 1364]),
        // also packets that are larger than the server or the library takes
        (.valueOutOfRange, [1153, 1264, 1265, 1301, 1406, 1690, 2020]),
        (.invalidValue, [1292, 1300, 1365, 1366, 1367, 1411, 1525]),

        // The machine
        (.storageFull, [1021, 1114]),
        // memory, threads, file handles, locks, prepared statements
        (.outOfResources, [1037, 1038, 1041, 1119, 1135, 1206, 1461, 2008]),
        (.dataCorrupted, [1034, 1035, 1194, 1195, 1712]),
    ])

    private static let mariaDB = byNumber([
        (.cannotConnect, [5001]),
        // plug-in not allowed, plug-in not loadable, account locked
        (.authenticationFailed, [5010, 5012, 4151]),
        // killed; reading, writing, unpacking
        (.connectionLost, [1927, 5013, 5014, 5015]),
        (.timeout, [1969]),
        (.checkViolation, [4025]),
        // of a trigger, of a sequence
        (.undefinedObject, [4031, 4091]),
        (.duplicateObject, [1973, 1975]),
        (.permissionDenied, [1979]),
        (.unsupported, [1970, 1971, 4057, 5002, 5003]),
        (.valueOutOfRange, [1916, 1917]),
        // most of them about JSON
        (.invalidValue, [1918, 4035, 4036, 4037, 4038, 4039, 4040]),
    ])

    private static let mySQL = byNumber([
        (.authenticationFailed, [3118]),
        // plaintext refused
        (.tlsFailed, [3159]),
        // ended by the server because nothing happened
        (.connectionLost, [4031]),
        (.timeout, [3024]),
        (.lockTimeout, [3572]),
        (.checkViolation, [3819]),
        (.invalidValue, [3140, 3141]),
    ])

    private static func byNumber(_ rows: [(DatabaseError.Code, [Int])]) -> [Int: DatabaseError.Code] {
        var table: [Int: DatabaseError.Code] = [:]
        for (code, numbers) in rows {
            for number in numbers { table[number] = code }
        }
        return table
    }
}
