// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Which anomalies a level of isolation forbids.
///
/// | model | forbids | source |
/// |---|---|---|
/// | ``readCommitted`` | G0, G1a, G1b, G1c | PL-2 of Adya 1999 |
/// | ``snapshot`` | these, P2, P4, G-single and G-nonadjacent | PL-SI of Adya 1999; P4 of Berenson and others 1995 |
/// | ``serializable`` | these and G2-item | PL-3 of Adya 1999, for rows that are named by their keys |
///
/// All of them forbid what is wrong at every level, such as a lost append. The strict forms also forbid cycles that
/// take an edge of real time: a transaction that began after another one was reported as done comes after it.
public struct ConsistencyModel: Sendable, Hashable, CustomStringConvertible {
    /// The model's name, as in `strict serializable`.
    public let description: String
    /// What must not happen.
    public let forbidden: Set<Anomaly>
    /// Whether the order in real time counts as a dependency.
    public let isStrict: Bool

    private init(_ description: String, _ forbidden: Set<Anomaly>) {
        self.description = description
        self.forbidden = forbidden
        isStrict = false
    }

    private init(strict model: ConsistencyModel) {
        description = "strict \(model.description)"
        forbidden = model.forbidden
        isStrict = true
    }

    /// Nothing is read that was not committed, and writes don't interleave.
    public static let readCommitted = Self(
        "read committed",
        [
            .internalInconsistency, .incompatibleOrder, .duplicateElement, .unknownElement, .lostAppend, .dirtyWrite,
            .abortedRead, .intermediateRead, .circularInformationFlow,
        ]
    )
    /// A transaction reads one moment, and the first who changes a row wins.
    public static let snapshot = Self(
        "snapshot isolation",
        readCommitted.forbidden.union([.fuzzyRead, .lostUpdate, .readSkew, .longFork])
    )
    /// The outcome is as if transactions ran one after the other.
    public static let serializable = Self("serializable", snapshot.forbidden.union([.writeSkew]))

    /// ``readCommitted`` in the order of real time.
    public static let strictReadCommitted = Self(strict: readCommitted)
    /// ``snapshot`` where the moment is not before the transaction's beginning; also called strong snapshot isolation.
    public static let strictSnapshot = Self(strict: snapshot)
    /// ``serializable`` in the order of real time.
    public static let strictSerializable = Self(strict: serializable)

    /// Whether the model forbids what was found.
    public func forbids(_ finding: IsolationFinding) -> Bool {
        forbidden.contains(finding.anomaly) && (isStrict || !finding.isOfRealTime)
    }
}
