// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What a workload costs here and by hand, in rounds that alternate.
struct Measurement: Codable {
    let name: String
    let database: String
    let peer: String
    /// Ours to the peer's wall time: the median of the rounds.
    let ratio: Double
    let lowest: Double
    let highest: Double
    let rounds: Int
    /// What one unit, such as a row, takes here, for orientation.
    let unitNanoseconds: Double

    init(_ name: String, _ database: String, units: Int, pairs: [(ours: Duration, theirs: Duration)]) {
        self.name = name
        self.database = database
        peer = "C"
        let ratios = pairs.map { $0.ours / $0.theirs }.sorted()
        ratio = ratios[ratios.count / 2]
        lowest = ratios[0]
        highest = ratios[ratios.count - 1]
        rounds = pairs.count
        let times = pairs.map { $0.ours / .nanoseconds(units) }.sorted()
        unitNanoseconds = times[times.count / 2]
    }

    var line: String {
        func text(_ number: Double) -> String { String((number * 100).rounded() / 100) }
        let range = "\(text(lowest))…\(text(highest))"
        return "\(database)\t\(name)\t\(text(ratio))\t(\(range))\t\(Int(unitNanoseconds)) ns a row"
    }

    enum CodingKeys: String, CodingKey {
        case name, database, peer, ratio, lowest, highest, rounds
        case unitNanoseconds = "unit_ns"
    }
}
