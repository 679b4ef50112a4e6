// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension DatabaseError {
    /// What happened, in the same words on every database.
    ///
    /// The set is open: later versions and other drivers may add codes, so a `switch` needs a `default`.
    public struct Code: Sendable, Hashable, RawRepresentable, CustomStringConvertible {
        /// The code's name, as in `uniqueViolation`.
        public let rawValue: String

        /// Creates a code of one's own; drivers use the constants below where one fits.
        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        /// The code's name.
        public var description: String { rawValue }
    }
}

// MARK: - Connecting

extension DatabaseError.Code {
    /// The server, socket or file can't be reached or opened now.
    public static let cannotConnect = Self(rawValue: "cannotConnect")
    /// The user's name, password or authentication method was refused.
    public static let authenticationFailed = Self(rawValue: "authenticationFailed")
    /// The server has no database of that name.
    public static let unknownDatabase = Self(rawValue: "unknownDatabase")
    /// TLS could not be established as demanded, or the certificate was refused.
    public static let tlsFailed = Self(rawValue: "tlsFailed")
    /// The server has no connection left to give.
    public static let tooManyConnections = Self(rawValue: "tooManyConnections")
    /// The connection broke, or the server ended it.
    public static let connectionLost = Self(rawValue: "connectionLost")
    /// The server is starting up, shutting down or not ready.
    public static let serverUnavailable = Self(rawValue: "serverUnavailable")
    /// The URL or configuration contradicts itself or has a part that is not understood.
    public static let invalidConfiguration = Self(rawValue: "invalidConfiguration")
    /// No driver that was given opens URLs of this scheme.
    public static let unknownScheme = Self(rawValue: "unknownScheme")
}

// MARK: - Pool, session and transaction

extension DatabaseError.Code {
    /// No connection became free within the acquire timeout.
    public static let acquireTimeout = Self(rawValue: "acquireTimeout")
    /// Too many tasks wait for a connection already.
    public static let poolExhausted = Self(rawValue: "poolExhausted")
    /// All connections are leased by tasks that wait for a second one.
    public static let wouldDeadlock = Self(rawValue: "wouldDeadlock")
    /// A scope begins inside of another scope of the same database and task, and would be another transaction.
    public static let nestedScope = Self(rawValue: "nestedScope")
    /// The database was opened before the process was forked, and is used after.
    public static let usedAfterFork = Self(rawValue: "usedAfterFork")
    /// The database was closed.
    public static let databaseClosed = Self(rawValue: "databaseClosed")
    /// The session was used after its scope had ended.
    public static let sessionClosed = Self(rawValue: "sessionClosed")
    /// The transaction failed earlier; only `rollback()` is possible. ``DatabaseError/cause`` says why.
    public static let transactionFailed = Self(rawValue: "transactionFailed")
    /// COMMIT was answered by a rollback. ``DatabaseError/cause`` says which statement failed first.
    public static let transactionRolledBack = Self(rawValue: "transactionRolledBack")
    /// The connection broke after COMMIT was sent: the transaction may or may not have been committed.
    public static let commitOutcomeUnknown = Self(rawValue: "commitOutcomeUnknown")
    /// A managed scope failed after a part of it was committed, or may have been: to run it again could do that part twice.
    /// ``DatabaseError/cause`` says why it failed.
    public static let partlyCommitted = Self(rawValue: "partlyCommitted")
    /// The transaction is committed on this server, and perhaps not on its standbys: the server's wait for them was ended.
    public static let commitNotReplicated = Self(rawValue: "commitNotReplicated")
    /// Transactions that run at the same time can't be put in an order: try again.
    public static let serializationFailure = Self(rawValue: "serializationFailure")
    /// The transaction was chosen as the victim of a deadlock: try again.
    public static let deadlock = Self(rawValue: "deadlock")
    /// A lock was not granted in time, or SQLite's file is busy.
    public static let lockTimeout = Self(rawValue: "lockTimeout")
    /// Something writes in a read-only transaction, to a read-only file or on a read-only server.
    public static let readOnly = Self(rawValue: "readOnly")
    /// Another result of this session is still being read.
    public static let resultPending = Self(rawValue: "resultPending")
    /// The call does not fit the session's state, such as a transaction within a transaction.
    public static let misuse = Self(rawValue: "misuse")
    /// The task was cancelled.
    public static let cancelled = Self(rawValue: "cancelled")
    /// The deadline passed, or the server's own statement timeout.
    public static let timeout = Self(rawValue: "timeout")
}

// MARK: - Statements

extension DatabaseError.Code {
    /// The statement is malformed.
    public static let syntaxError = Self(rawValue: "syntaxError")
    /// The statement names a table, column, function or other object that does not exist.
    public static let undefinedObject = Self(rawValue: "undefinedObject")
    /// The statement creates something that exists already.
    public static let duplicateObject = Self(rawValue: "duplicateObject")
    /// The user may not do this.
    public static let permissionDenied = Self(rawValue: "permissionDenied")
    /// The number of bound values is not that of the placeholders.
    public static let parameterCount = Self(rawValue: "parameterCount")
    /// A value can't be bound on this database without loss.
    public static let invalidParameter = Self(rawValue: "invalidParameter")
    /// A unique or primary key constraint is violated.
    public static let uniqueViolation = Self(rawValue: "uniqueViolation")
    /// A foreign key constraint is violated.
    public static let foreignKeyViolation = Self(rawValue: "foreignKeyViolation")
    /// A NULL was stored where the column forbids it.
    public static let notNullViolation = Self(rawValue: "notNullViolation")
    /// A check constraint is violated.
    public static let checkViolation = Self(rawValue: "checkViolation")
    /// Another constraint is violated, such as PostgreSQL's EXCLUDE.
    public static let constraintViolation = Self(rawValue: "constraintViolation")
    /// A value lies outside of its column's range, or is too long for it.
    public static let valueOutOfRange = Self(rawValue: "valueOutOfRange")
    /// A value has not the form that its type asks for.
    public static let invalidValue = Self(rawValue: "invalidValue")
    /// The disk, table or file is full.
    public static let storageFull = Self(rawValue: "storageFull")
    /// The server or library ran out of memory or another resource.
    public static let outOfResources = Self(rawValue: "outOfResources")
    /// The file or data is damaged, or the file is no database.
    public static let dataCorrupted = Self(rawValue: "dataCorrupted")
    /// A prepared statement no longer fits the tables, which changed since; it was not executed. Prepared anew it works.
    public static let staleStatement = Self(rawValue: "staleStatement")
    /// This database or driver can't do it.
    public static let unsupported = Self(rawValue: "unsupported")
    /// Anything else; the native code and message say what.
    public static let other = Self(rawValue: "other")
}

// MARK: - Results

extension DatabaseError.Code {
    /// A NULL was read into a type that is not optional.
    public static let unexpectedNull = Self(rawValue: "unexpectedNull")
    /// A column's value can't be read as the type that was asked for.
    public static let typeMismatch = Self(rawValue: "typeMismatch")
    /// A value does not fit the type that was asked for, such as 300 into `UInt8`.
    public static let overflow = Self(rawValue: "overflow")
    /// The result has fewer or more columns than were asked for.
    public static let columnCount = Self(rawValue: "columnCount")
    /// The result has no column of that name.
    public static let columnNotFound = Self(rawValue: "columnNotFound")
    /// The result has several columns of that name.
    public static let columnAmbiguous = Self(rawValue: "columnAmbiguous")
    /// The result has no row where one was asked for.
    public static let noRows = Self(rawValue: "noRows")
    /// The result has more rows than were asked for.
    public static let tooManyRows = Self(rawValue: "tooManyRows")
    /// The statement has more results than were asked for, as a procedure may.
    public static let tooManyResults = Self(rawValue: "tooManyResults")
}

// MARK: - Records

extension DatabaseError.Code {
    /// The row of a record was changed or deleted by somebody else since it was read.
    public static let staleRecord = Self(rawValue: "staleRecord")
    /// Two records with the same key are in one session.
    public static let duplicateIdentity = Self(rawValue: "duplicateIdentity")
    /// Records refer to each other in a circle, so that none can be inserted first.
    public static let referenceCycle = Self(rawValue: "referenceCycle")
}

// MARK: - What a code usually means

extension DatabaseError.Code {
    /// Whether an error of this code may go away when the same work is tried again from the top.
    public var isUsuallyTransient: Bool { Self.transient.contains(self) }

    /// Whether a connection is usually still good after an error of this code.
    public var leavesConnectionUsable: Bool { !Self.fatal.contains(self) }

    private static let transient: Set<Self> = [
        .cannotConnect, .tooManyConnections, .connectionLost, .serverUnavailable, .acquireTimeout,
        .poolExhausted, .serializationFailure, .deadlock, .lockTimeout, .staleStatement,
        .staleRecord,
    ]

    private static let fatal: Set<Self> = [
        .cannotConnect, .authenticationFailed, .unknownDatabase, .tlsFailed, .tooManyConnections, .connectionLost,
        .serverUnavailable, .commitOutcomeUnknown, .dataCorrupted, .invalidConfiguration, .unknownScheme,
    ]
}
