// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What the caller of a scope sees of a fault.
public enum FaultOutcome: String, Sendable, CaseIterable {
    /// Nothing: the scope succeeded, and its work was done once.
    case healed
    /// An error, and nothing of its work was done.
    case reported
    /// `commitOutcomeUnknown`.
    case unknown
}

extension FaultOutcome {
    /// What is promised of a `write { }` scope.
    ///
    /// - Parameters:
    ///   - isSilent: Whether the fault is silence, which the statement's timeout ends: that was the caller's wish, and is
    ///     told. What comes of a COMMIT is found out all the same.
    ///   - isResolved: Whether it can be found out what became of a COMMIT.
    public static func promised(at place: FaultPlace, isSilent: Bool, isResolved: Bool) -> FaultOutcome {
        switch place {
        case .commitUnheard, .commitUnanswered: isResolved ? .healed : .unknown
        case .idle, .firstStatement, .midTransaction, .stream: isSilent ? .reported : .healed
        }
    }
}
