// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import MainstayTesting
import Testing

/// What a session library could do wrong.
enum PlantedFault: String, CaseIterable, CustomTestStringConvertible {
    case replayKeepsStaleRead = "a scope that is run again keeps what it read the first time"
    case levelIsNotSent = "reads and writes are at different moments, as at a weaker level"
    case commitIsRepeated = "a transaction of unknown outcome is done once more"
    case savepointIsNotUndone = "what was undone to a savepoint is committed"
    case readIsElsewhere = "a read runs on another connection"
    case readsAreApart = "each read runs in a transaction of its own"
    case writeIsLost = "a write is dropped"
    case rollbackIsReportedAsDone = "a transaction that was rolled back is reported as done"
    case doneIsReportedAsFailed = "a transaction that was committed is reported as failed"
    case readIsOld = "a read is answered from a snapshot of before"
    case statementIsOutside = "the first statement runs outside of its transaction"
    case commitIsEarly = "a transaction is committed in its middle"

    var testDescription: String { rawValue }

    /// What the checker is to find.
    var anomaly: Anomaly {
        switch self {
        case .replayKeepsStaleRead: .lostUpdate
        case .levelIsNotSent: .writeSkew
        case .commitIsRepeated: .duplicateElement
        case .savepointIsNotUndone: .unknownElement
        case .readIsElsewhere: .internalInconsistency
        case .readsAreApart, .readIsOld, .statementIsOutside: .readSkew
        case .writeIsLost, .rollbackIsReportedAsDone: .lostAppend
        case .doneIsReportedAsFailed: .abortedRead
        case .commitIsEarly: .intermediateRead
        }
    }

    /// Whether only the order in real time tells.
    var isOfRealTime: Bool { self == .readIsOld }
}
