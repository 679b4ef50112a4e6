// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// What a workload costs here and at a peer, in rounds that alternate. All ratios are ours to the peer's.
struct Measurement: Codable {
    let name: String
    let database: String
    let peer: String
    /// Of wall time for one unit: the median of the rounds.
    let ratio: Double
    let lowest: Double
    let highest: Double
    /// Of the fastest round of each side, which is least disturbed by what else the machine does.
    let fastest: Double
    /// Of processor time, of this process and the peer's, but not of servers; nil where it was not measured.
    var cpuRatio: Double?
    /// Of instructions in user space; nil where the machine counts none.
    var instructionRatio: Double?
    /// The ratio that is to be reached.
    let reach: Double?
    let rounds: Int
    /// What one unit is, such as a row, and what it takes here, for orientation.
    let unit: String
    let unitNanoseconds: Double
    /// For one unit, here and at a peer in the same process.
    var allocations: Double?
    var peerAllocations: Double?
    /// The memory that was in use at most, more than at the start, in MiB; for workloads about memory.
    var growth: Double?

    var isReached: Bool { reach.map { ratio <= $0 } ?? true }

    enum CodingKeys: String, CodingKey {
        case name, database, peer, ratio, lowest, highest, fastest, reach, rounds, unit, allocations
        case cpuRatio = "cpu_ratio"
        case instructionRatio = "instruction_ratio"
        case unitNanoseconds = "unit_ns"
        case peerAllocations = "peer_allocations"
        case growth = "growth_mib"
    }
}

extension Measurement {
    init(
        _ workload: Workload,
        _ pairs: [(ours: Sample, theirs: Sample)],
        allocations: Double?,
        peerAllocations: Double?
    ) {
        let share = Double(workload.peerUnits ?? workload.units) / Double(workload.units)
        let ratios = pairs.map { $0.ours.wall / $0.theirs.wall * share }.sorted()
        let instructions = pairs.compactMap { pair -> Double? in
            guard let ours = pair.ours.instructions, let theirs = pair.theirs.instructions, theirs > 0 else {
                return nil
            }
            return ours / theirs * share
        }
        self.init(
            name: workload.name,
            database: workload.database,
            peer: workload.peer,
            ratio: ratios.median ?? .nan,
            lowest: ratios.first ?? .nan,
            highest: ratios.last ?? .nan,
            fastest: (pairs.map(\.ours.wall).min() ?? .nan) / (pairs.map(\.theirs.wall).min() ?? .nan) * share,
            cpuRatio: pairs.filter { $0.theirs.cpu > 0 }.map { $0.ours.cpu / $0.theirs.cpu * share }.sorted().median,
            instructionRatio: instructions.sorted().median,
            reach: workload.reach,
            rounds: pairs.count,
            unit: workload.unit,
            unitNanoseconds: pairs.map { $0.ours.wall / Double(workload.units) * 1e9 }.sorted().median ?? .nan,
            allocations: allocations,
            peerAllocations: peerAllocations
        )
    }

    /// For people.
    var line: String {
        func text(_ number: Double?) -> String { number.map { String(format: "%.2f", $0) } ?? "-" }
        func column(_ text: String, _ width: Int) -> String {
            text.padding(toLength: max(width, text.count), withPad: " ", startingAt: 0)
        }
        let mark = reach == nil ? "" : isReached ? "reached \(text(reach))" : "MISSED  \(text(reach))"
        let memory = growth.map { "+ \(text($0)) MiB" } ?? ""
        return [
            column(database, 10), column(name, 42), column(peer, 15), column(text(ratio), 6),
            column("\(text(lowest))…\(text(highest))", 13), column("fastest \(text(fastest))", 13),
            column("cpu \(text(cpuRatio))", 9),
            column("ins \(text(instructionRatio))", 9), column("\(Int(unitNanoseconds)) ns/\(unit)", 18),
            column("\(text(allocations))/\(text(peerAllocations)) allocations", 24), mark, memory,
        ].joined(separator: " ")
    }
}

extension [Double] {
    /// The middle of a sorted list.
    fileprivate var median: Double? { isEmpty ? nil : self[count / 2] }
}
