// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Mainstay

/// An interleaving of transactions that shows an anomaly, if the database lets it.
///
/// The anomalies are those of Hermitage (M. Kleppmann, https://github.com/ept/hermitage); the interleavings are our
/// own, so that they can be played where a transaction waits for another one.
struct Interleaving: Sendable {
    let anomaly: Anomaly
    /// Plays it.
    ///
    /// - Returns: Whether the anomaly happened.
    let play: @Sendable (Stage) async throws -> Bool

    static let all: [Interleaving] = [
        Interleaving(anomaly: .dirtyWrite) { stage in
            let (one, two) = (stage.begin(), stage.begin())
            try await one.set(1, to: 11)
            try await two.set(1, to: 12)
            try await one.set(2, to: 21)
            try await one.commit()
            try await two.set(2, to: 22)
            try await two.commit()
            guard await one.outcome(), await two.outcome() else { return false }
            return try await [[1: 11, 2: 22], [1: 12, 2: 21]].contains(stage.rows())
        },
        Interleaving(anomaly: .abortedRead) { stage in
            let (one, two) = (stage.begin(), stage.begin(isReader: true))
            try await one.set(1, to: 11)
            let seen = try await two.read(1)
            try await one.rollback()
            try await two.commit()
            _ = await one.outcome()
            return await two.outcome() && seen[1] == 11
        },
        Interleaving(anomaly: .intermediateRead) { stage in
            let (one, two) = (stage.begin(), stage.begin(isReader: true))
            try await one.set(1, to: 11)
            let seen = try await two.read(1)
            try await one.set(1, to: 12)
            try await one.commit()
            try await two.commit()
            guard await one.outcome(), await two.outcome() else { return false }
            return seen[1] == 11
        },
        Interleaving(anomaly: .circularInformationFlow) { stage in
            let (one, two) = (stage.begin(), stage.begin())
            try await one.set(1, to: 11)
            try await two.set(2, to: 22)
            let seenByOne = try await one.read(2)
            let seenByTwo = try await two.read(1)
            try await one.commit()
            try await two.commit()
            guard await one.outcome(), await two.outcome() else { return false }
            return seenByOne[2] == 22 && seenByTwo[1] == 11
        },
        Interleaving(anomaly: .observedTransactionVanishes) { stage in
            let (one, two, reader) = (stage.begin(), stage.begin(), stage.begin(isReader: true))
            try await one.set(1, to: 11)
            try await one.set(2, to: 21)
            try await two.set(1, to: 12)
            try await one.commit()
            let first = try await reader.read(1)
            let second = try await reader.read(2)
            try await two.set(2, to: 22)
            try await two.commit()
            try await reader.commit()
            guard await one.outcome(), await two.outcome(), await reader.outcome() else { return false }
            // The second transaction was seen in one row, and not in the other.
            return first[1] == 12 && second[2] != 22
        },
        Interleaving(anomaly: .predicateManyPreceders) { stage in
            let (one, two) = (stage.begin(isReader: true), stage.begin())
            let before = try await one.search()
            try await two.add(3, 30)
            try await two.commit()
            let seen = try await one.search()
            try await one.commit()
            guard await one.outcome(), await two.outcome() else { return false }
            return before[3] == nil && seen[3] == 30
        },
        Interleaving(anomaly: .lostUpdate) { stage in
            let (one, two) = (stage.begin(), stage.begin())
            let seenByOne = try await one.read(1)
            let seenByTwo = try await two.read(1)
            try await one.set(1, to: 11)
            try await two.set(1, to: 12)
            try await one.commit()
            try await two.commit()
            guard await one.outcome(), await two.outcome() else { return false }
            return seenByOne[1] == 10 && seenByTwo[1] == 10
        },
        Interleaving(anomaly: .readSkew) { stage in
            let (one, two) = (stage.begin(isReader: true), stage.begin())
            let first = try await one.read(1)
            try await two.set(1, to: 12)
            try await two.set(2, to: 22)
            try await two.commit()
            let second = try await one.read(2)
            try await one.commit()
            guard await one.outcome(), await two.outcome() else { return false }
            return first[1] == 10 && second[2] == 22
        },
        Interleaving(anomaly: .writeSkew) { stage in
            let (one, two) = (stage.begin(), stage.begin())
            let seenByOne = try await one.readBoth()
            let seenByTwo = try await two.readBoth()
            try await one.set(1, to: 11)
            try await two.set(2, to: 22)
            try await one.commit()
            try await two.commit()
            guard await one.outcome(), await two.outcome() else { return false }
            return seenByOne[2] == 20 && seenByTwo[1] == 10
        },
        Interleaving(anomaly: .predicateWriteSkew) { stage in
            let (one, two) = (stage.begin(), stage.begin())
            let seenByOne = try await one.search()
            let seenByTwo = try await two.search()
            try await one.add(3, 30)
            try await two.add(4, 42)
            try await one.commit()
            try await two.commit()
            guard await one.outcome(), await two.outcome() else { return false }
            return seenByOne[4] == nil && seenByTwo[3] == nil
        },
    ]
}
