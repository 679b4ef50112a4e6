// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Where in the life of a scope a fault befalls its connection.
public enum FaultPlace: String, Sendable, CaseIterable {
    /// The connection rests.
    case idle = "at rest"
    /// The first statement of the transaction is sent.
    case firstStatement = "first statement"
    /// A later one is sent.
    case midTransaction = "mid-transaction"
    /// Rows are read.
    case stream = "while rows stream"
    /// COMMIT is sent, and the server does not get it.
    case commitUnheard = "COMMIT, not received"
    /// COMMIT is sent, the server has acted, and nobody hears of it.
    case commitUnanswered = "COMMIT, not answered"

    /// Texts that the scope sends or gets where a fault is to happen.
    static let (first, second, row) = ("f1rst", "s3cond", "r1500")

    /// What a proxy waits for; nil for the connection that rests.
    var trigger: FaultTrigger? {
        switch self {
        case .idle: nil
        case .firstStatement: .text(.toServer, Self.first, .before)
        case .midTransaction: .text(.toServer, Self.second, .before)
        case .stream: .text(.toClient, Self.row, .before)
        case .commitUnheard: .text(.toServer, "COMMIT", .before)
        case .commitUnanswered: .text(.toServer, "COMMIT", .answered)
        }
    }
}
