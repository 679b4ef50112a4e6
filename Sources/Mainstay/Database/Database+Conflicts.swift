// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension Database {
    /// Whether a scope may wait for its turn. Who holds a connection may not: those ahead may be waiting for one.
    private func canLineUp(_ scope: Scope) -> Bool {
        scope.kind != .unmanaged && scope.retry.maxAttempts > 1 && !HeldLease.isHeld
    }

    /// The place in line of a scope that has met nothing yet; nil if it runs free.
    ///
    /// - Throws: `timeout` if the scope's time is over before its turn comes; `cancelled`.
    func firstPlace(of scope: Scope, until deadline: Duration?) async throws -> ConflictOrder.Place? {
        guard conflicts.hasLines, canLineUp(scope) else { return nil }
        do {
            return try await conflicts.enter(at: scope.site, until: lineEnd(of: scope, deadline, since: nil))
        } catch let error as DatabaseError where error.code == .timeout {
            throw StopReason.scopeTimeout(scope.timeout ?? scope.retry.conflictTimeout).error
        }
    }

    /// Has a scope that met a conflict wait for its turn, unless it has it.
    ///
    /// - Returns: Whether it waited, and so needs no other pause.
    func takesNewPlace(
        _ place: inout ConflictOrder.Place?,
        _ scope: Scope,
        until deadline: Duration?,
        after failures: EarlierFailures
    ) async throws -> Bool {
        guard canLineUp(scope) else { return false }
        if let held = place {
            if conflicts.hasTurn(held) { return false }
            conflicts.leave(held)
            place = nil
        } else {
            conflicts.ranFree(at: scope.site, metConflict: true)
        }
        let end = lineEnd(of: scope, deadline, since: failures.firstConflict)
        place = try await conflicts.lineUp(at: scope.site, until: end)
        return true
    }

    /// How long a scope stays in line: as long as it would be run again.
    private func lineEnd(of scope: Scope, _ deadline: Duration?, since firstConflict: Duration?) -> Duration {
        deadline ?? (firstConflict ?? environment.clock.now()) + scope.retry.conflictTimeout
    }
}
