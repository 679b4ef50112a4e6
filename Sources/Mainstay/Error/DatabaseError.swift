// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Anything that went wrong between an application and its database.
///
/// One type serves every driver. `code` says what happened in the same words on every database; `sqlState`,
/// `nativeCode` and `message` keep what the server or the C library said. Two questions matter for what to do next:
/// ``isTransient`` (is it worth trying again?) and ``isConnectionUsable`` (can the session go on?).
///
/// An error never contains a password or the value of a statement's parameter. Servers quote row values in their detail
/// texts (`Key (email)=(a@b.c) already exists`); those are kept apart in ``sensitiveDetail`` and printed nowhere.
///
/// ## Topics
///
/// ### What happened
/// - ``code-swift.property``
/// - ``message``
/// - ``hint``
/// - ``cause``
///
/// ### What to do next
/// - ``isTransient``
/// - ``isConnectionUsable``
/// - ``phase-swift.property``
/// - ``earlierFailures``
///
/// ### What the database said
/// - ``sqlState``
/// - ``nativeCode-swift.property``
/// - ``constraint``
/// - ``statement``
/// - ``sensitiveDetail``
public struct DatabaseError: Error, Sendable {
    // A typed throw of a large struct costs at every call that may throw; one reference does not.
    private final class Storage: Sendable {
        let fields: Fields

        init(_ fields: Fields) {
            self.fields = fields
        }
    }

    private struct Fields: Sendable {
        var code: Code
        var message: String
        var hint: String?
        var sqlState: String?
        var nativeCode: NativeCode?
        var constraint: String?
        var statement: String?
        var sensitiveDetail: String?
        var isTransient: Bool
        var isConnectionUsable: Bool
        var cause: (any Error)?
        var phase: Phase?
        var earlierFailures: [DatabaseError] = []
    }

    private var storage: Storage

    private func with(_ change: (inout Fields) -> Void) -> DatabaseError {
        var fields = storage.fields
        change(&fields)
        var copy = self
        copy.storage = Storage(fields)
        return copy
    }

    /// Creates an error.
    ///
    /// - Parameters:
    ///   - code: What happened.
    ///   - message: One sentence, without secrets and without parameter values.
    ///   - hint: What to do about it.
    ///   - sqlState: The five characters of ISO/IEC 9075's SQLSTATE, where the server gave them.
    ///   - nativeCode: The vendor's own number.
    ///   - constraint: The name of the violated constraint.
    ///   - sensitiveDetail: Text that may quote row values.
    ///   - isTransient: Whether trying again may succeed. By default ``Code/isUsuallyTransient``.
    ///   - isConnectionUsable: Whether the connection survived. By default ``Code/leavesConnectionUsable``.
    ///   - cause: The error behind this one.
    ///   - phase: How far the statement had come, where the driver knows more than the core can tell by the rest.
    public init(
        _ code: Code,
        _ message: String,
        hint: String? = nil,
        sqlState: String? = nil,
        nativeCode: NativeCode? = nil,
        constraint: String? = nil,
        sensitiveDetail: String? = nil,
        isTransient: Bool? = nil,
        isConnectionUsable: Bool? = nil,
        cause: (any Error)? = nil,
        phase: Phase? = nil
    ) {
        storage = Storage(
            Fields(
                code: code,
                message: message,
                hint: hint,
                sqlState: sqlState,
                nativeCode: nativeCode,
                constraint: constraint,
                statement: nil,
                sensitiveDetail: sensitiveDetail,
                isTransient: isTransient ?? code.isUsuallyTransient,
                isConnectionUsable: isConnectionUsable ?? code.leavesConnectionUsable,
                cause: cause,
                phase: phase
            )
        )
    }

    /// What happened, in the same words on every database.
    public var code: Code { storage.fields.code }

    /// One sentence that says what happened, mostly in the server's words.
    public var message: String { storage.fields.message }

    /// What to do about it, where that is known.
    public var hint: String? { storage.fields.hint }

    /// The SQLSTATE that the server gave, five characters; SQLite has none.
    public var sqlState: String? { storage.fields.sqlState }

    /// The vendor's own error number: libmariadb's or the MariaDB server's, or SQLite's extended result code.
    public var nativeCode: NativeCode? { storage.fields.nativeCode }

    /// The name of the violated constraint, or what the database names in its place (SQLite: `table.column`).
    public var constraint: String? { storage.fields.constraint }

    /// The statement's text, with placeholders and without the values of its parameters.
    public var statement: String? { storage.fields.statement }

    /// Text of the server that may quote row values. Never part of a description.
    public var sensitiveDetail: String? { storage.fields.sensitiveDetail }

    /// Whether the same work may succeed when it is tried again from the top.
    public var isTransient: Bool { storage.fields.isTransient }

    /// Whether the connection survived and the session can go on after a `rollback()`.
    public var isConnectionUsable: Bool { storage.fields.isConnectionUsable }

    /// The error behind this one.
    public var cause: (any Error)? { storage.fields.cause }

    /// How far the statement had come that failed; nil for what is no statement's error.
    public var phase: Phase? { storage.fields.phase }

    /// Why earlier attempts of the same scope failed, the first one first; empty if there was one attempt.
    public var earlierFailures: [DatabaseError] { storage.fields.earlierFailures }

    /// The same error with the text of the statement that caused it. An error that already has one keeps it.
    public func inStatement(_ text: String) -> DatabaseError {
        statement == nil ? with { $0.statement = text } : self
    }

    /// The same error with another error behind it.
    public func causedBy(_ cause: any Error) -> DatabaseError {
        with { $0.cause = cause }
    }

    /// The same error with the phase in which it happened. An error that already has one keeps it.
    public func during(_ phase: Phase) -> DatabaseError {
        self.phase == nil ? with { $0.phase = phase } : self
    }

    /// The same error with those of the attempts before.
    func after(_ earlierFailures: [DatabaseError]) -> DatabaseError {
        earlierFailures.isEmpty ? self : with { $0.earlierFailures = earlierFailures }
    }

    /// The same failure, told by why the statement was stopped.
    func stopped(because reason: DatabaseError) -> DatabaseError {
        with {
            $0.code = reason.code
            $0.message = reason.message
            $0.hint = reason.hint
            $0.isTransient = reason.isTransient
            $0.cause = self
        }
    }

    /// The same error with its message preceded by where it happened, as in `column "age": …`.
    public func prefixed(by place: String) -> DatabaseError {
        with { $0.message = "\(place): \($0.message)" }
    }

    /// The same error with advice.
    public func hinting(_ hint: String) -> DatabaseError {
        with { $0.hint = hint }
    }
}
