// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension Dialect {
    /// MariaDB's SQL.
    public static let mariaDB = Dialect(
        name: "MariaDB",
        placeholder: .questionMark,
        identifierQuote: "`",
        // 64 characters of at most three bytes. The server refuses longer ones and truncates none.
        identifierLimit: 192,
        // Sixteen bits in the answer to COM_STMT_PREPARE.
        parameterLimit: 65535,
        emptyList: { _ in "SELECT NULL FROM DUAL WHERE FALSE" },
        columnType: \.mariaDBName,
        rowLock: { lock in
            switch lock.strength {
            case .update: lock.standardClause
            case .share: "LOCK IN SHARE MODE" + lock.conflictClause
            }
        },
        defaultRow: "() VALUES ()",
        capabilities: [
            .insertReturning, .deleteReturning, .concurrentWriters, .unsignedIntegers, .zeroInText, .generatedKeys,
            .isolationLevels, .strictColumnTypes, .server, .statementLimits, .snapshotIsolation,
            .byteColumns,
        ]
    )
}

extension ColumnType {
    fileprivate var mariaDBName: String {
        switch self {
        case .generatedKey: "BIGINT AUTO_INCREMENT PRIMARY KEY"
        case .bool: "BOOLEAN"
        case .int16: "SMALLINT"
        case .int32: "INT"
        case .int64: "BIGINT"
        case .uint64: "BIGINT UNSIGNED"
        case .float: "FLOAT"
        case .double: "DOUBLE"
        case .text: "LONGTEXT"
        case .varchar(let length): "VARCHAR(\(length))"
        case .bytes: "LONGBLOB"
        case .uuid: "UUID"
        case .date: "DATE"
        case .time: "TIME(6)"
        case .dateTime: "DATETIME(6)"
        // In UTC. A column of the type TIMESTAMP would end in 2038.
        case .timestamp: "DATETIME(6)"
        case .decimal(let precision, let scale): "DECIMAL(\(precision),\(scale))"
        case .json: "JSON"
        }
    }
}
