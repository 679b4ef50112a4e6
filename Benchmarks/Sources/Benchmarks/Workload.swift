// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CPeers

/// Something that is done here and by a peer in turn, and compared.
struct Workload {
    /// What is done, as in `point select`.
    let name: String
    let database: String
    /// Who else does it.
    let peer: String
    /// What is counted, as in `row`, and how many of them one round has.
    let unit: String
    let units: Int
    /// The same for the peer, if it does another number.
    var peerUnits: Int?
    /// The ratio that is to be reached; nil where the comparison is for orientation.
    var reach: Double?
    /// How many rounds are measured at least; more, if they are short.
    var rounds = 5
    let ours: () async throws -> Double
    let theirs: () async throws -> Sample

    private static let mostRounds = 25

    /// Whether all words of a pattern are in the workload's name, its database's, or its peer's.
    func matches(_ pattern: String) -> Bool {
        let text = "\(name) \(database) \(peer)".lowercased()
        return pattern.lowercased().split(separator: " ").allSatisfy { text.contains($0) }
    }

    /// Does it in turn. The first round warms the caches of both and is not counted, but its allocations are.
    func run(rounds: Int?) async throws -> Measurement {
        let (ownAllocations, _) = try await countingAllocations { try await Sample.of(ours) }
        let (peerAllocations, _) = try await countingAllocations { try await theirs() }
        var pairs: [(ours: Sample, theirs: Sample)] = []
        // A machine that others share is now fast and now slow: many rounds tell more than long ones.
        let clock = ContinuousClock()
        let enough = clock.now + .seconds(5)
        while pairs.count < rounds ?? (clock.now < enough ? Self.mostRounds : self.rounds) {
            let round = pairs.count
            // Who comes second finds the caches warm, or the other's garbage: each is second every other time.
            let pair: (ours: Sample, theirs: Sample)
            if round.isMultiple(of: 2) {
                let first = try await Sample.of(ours)
                pair = (first, try await theirs())
            } else {
                let first = try await theirs()
                pair = (try await Sample.of(ours), first)
            }
            guard abs(pair.ours.result - pair.theirs.result) <= abs(pair.ours.result) * 1e-12 else {
                throw Disagreement(workload: "\(name) on \(database)", pair.ours.result, pair.theirs.result)
            }
            pairs.append(pair)
        }
        return Measurement(
            self,
            pairs,
            allocations: ownAllocations.map { $0 / Double(units) },
            peerAllocations: isPeerInProcess ? peerAllocations.map { $0 / Double(peerUnits ?? units) } : nil
        )
    }

    private var isPeerInProcess: Bool { peer == "C" || peer == "GRDB" || peer.hasPrefix("itself") }

    private func countingAllocations(_ work: () async throws -> Sample) async rethrows -> (Double?, Sample) {
        let before = peer_allocations()
        peer_count_allocations(1)
        let sample = try await work()
        peer_count_allocations(0)
        return (before < 0 ? nil : Double(peer_allocations() - before), sample)
    }
}

/// Two sides that were to do the same, and did not.
struct Disagreement: Error {
    let workload: String
    let ours: Double
    let theirs: Double

    init(workload: String, _ ours: Double, _ theirs: Double) {
        self.workload = workload
        self.ours = ours
        self.theirs = theirs
    }
}
