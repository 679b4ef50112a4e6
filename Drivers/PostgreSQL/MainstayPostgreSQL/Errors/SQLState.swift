// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What PostgreSQL's SQLSTATEs mean in the words of ``DatabaseError/Code``.
///
/// https://www.postgresql.org/docs/current/errcodes-appendix.html
enum SQLState {
    /// The code for a SQLSTATE: that of the state itself, else that of its class.
    static func code(_ state: String) -> DatabaseError.Code {
        states[state] ?? classes[String(state.prefix(2))] ?? .other
    }

    /// States after which the same work may succeed although their code does not promise it.
    static let transient: Set<String> = [
        "26000", // the statement is not known any more: it will be prepared again
        "55006", // object in use
        "72000", // snapshot too old
    ]

    private static let classes: [String: DatabaseError.Code] = [
        "08": .connectionLost,
        "0A": .unsupported,
        "22": .invalidValue,
        "23": .constraintViolation,
        "24": .misuse, // invalid cursor state
        "25": .misuse, // invalid transaction state
        "28": .authenticationFailed,
        "2D": .misuse, // invalid transaction termination
        "3B": .misuse, // savepoint
        "40": .serializationFailure,
        "42": .syntaxError,
        "53": .outOfResources,
    ]

    private static let states: [String: DatabaseError.Code] = [
        // Connection
        "08001": .cannotConnect,
        "08004": .cannotConnect,
        "08007": .commitOutcomeUnknown,
        // Data
        "22001": .valueOutOfRange, // too long
        "22003": .valueOutOfRange,
        // Integrity
        "23001": .foreignKeyViolation, // ON DELETE RESTRICT, since PostgreSQL 18
        "23502": .notNullViolation,
        "23503": .foreignKeyViolation,
        "23505": .uniqueViolation,
        "23514": .checkViolation,
        "44000": .checkViolation, // WITH CHECK OPTION
        // Transaction
        "25006": .readOnly,
        "25P02": .transactionFailed,
        "25P03": .connectionLost, // idle in transaction for too long
        "25P04": .timeout, // the transaction took too long
        "40002": .constraintViolation,
        "40003": .commitOutcomeUnknown,
        "40P01": .deadlock,
        "55P03": .lockTimeout,
        // Names
        "26000": .undefinedObject,
        "34000": .undefinedObject,
        "3D000": .unknownDatabase,
        "3F000": .undefinedObject,
        "42501": .permissionDenied,
        "42602": .syntaxError,
        "42701": .duplicateObject,
        "42703": .undefinedObject,
        "42704": .undefinedObject,
        "42710": .duplicateObject,
        "42723": .duplicateObject,
        "42883": .undefinedObject,
        "42P01": .undefinedObject,
        "42P02": .parameterCount,
        "42P03": .duplicateObject,
        "42P04": .duplicateObject,
        "42P05": .duplicateObject,
        "42P06": .duplicateObject,
        "42P07": .duplicateObject,
        // The server
        "53100": .storageFull,
        "53300": .tooManyConnections,
        "57014": .cancelled, // or a timeout, which only we know
        "57P01": .connectionLost,
        "57P02": .connectionLost,
        "57P03": .serverUnavailable,
        "57P04": .unknownDatabase,
        "57P05": .connectionLost,
        "XX001": .dataCorrupted,
        "XX002": .dataCorrupted,
    ]
}
