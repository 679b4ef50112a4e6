// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay
import Testing

/// Runs a function that must throw a ``DatabaseError`` of a code, and returns the error.
@discardableResult
func expectError<Result>(
    _ codes: DatabaseError.Code...,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Result
) -> DatabaseError? {
    do {
        _ = try body()
        Issue.record("no error was thrown, and \(codes) was expected", sourceLocation: sourceLocation)
        return nil
    } catch {
        return check(error, codes, sourceLocation)
    }
}

/// Awaits a function that must throw a ``DatabaseError`` of a code, and returns the error.
@discardableResult
func expectAsyncError<Result>(
    _ codes: DatabaseError.Code...,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Result
) async -> DatabaseError? {
    do {
        _ = try await body()
        Issue.record("no error was thrown, and \(codes) was expected", sourceLocation: sourceLocation)
        return nil
    } catch {
        return check(error, codes, sourceLocation)
    }
}

/// Waits until a condition holds, for a minute at most.
///
/// - Returns: Whether it came to hold.
func eventually(_ condition: () -> Bool) async throws -> Bool {
    for _ in 0..<12_000 {
        if condition() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return condition()
}

extension Database {
    /// A figure, added up over the pools.
    func sum(_ figure: (PoolFigures) -> Int) -> Int {
        poolFigures.values.reduce(0) { $0 + figure($1) }
    }
}

private func check(
    _ error: any Error,
    _ codes: [DatabaseError.Code],
    _ sourceLocation: SourceLocation
) -> DatabaseError? {
    guard let error = error as? DatabaseError else {
        Issue.record("\(error) was thrown, and \(codes) was expected", sourceLocation: sourceLocation)
        return nil
    }
    #expect(codes.contains(error.code), "\(error)", sourceLocation: sourceLocation)
    return error
}

/// Expects that a session is in a transaction or not. (`#expect` can't look at a session's properties itself: its macro
/// evaluates them in a closure that is not isolated.)
func expectTransaction(
    _ expected: Bool,
    _ session: isolated Session,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let isInTransaction = session.isInTransaction
    #expect(isInTransaction == expected, sourceLocation: sourceLocation)
}

/// An error of the application's own.
struct ApplicationError: Error, Equatable {
    var text: String
}
