// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension DependencyGraph {
    /// The shortest cycle of each anomaly in each part of the graph.
    ///
    /// - Parameter isStrict: Whether only cycles that take an edge of real time are wanted. Without, the graph has
    ///   no such edges.
    func cycles(isStrict: Bool) -> [IsolationFinding] {
        let time: Set<Dependency.Kind> = isStrict ? [.follows] : []
        let writes = time.union([.overwrites])
        let information = writes.union([.reads])
        var findings: [IsolationFinding] = []
        func add(_ anomaly: Anomaly, _ cycle: [Dependency]?) {
            guard let cycle, cycle.contains(where: { $0.kind == .follows }) == isStrict else { return }
            findings.append(IsolationFinding(anomaly, cycle: cycle))
        }
        for part in cyclicParts(of: writes) {
            add(.dirtyWrite, part.shortestCycle(from: .overwrites, by: writes))
        }
        for part in cyclicParts(of: information) {
            add(.circularInformationFlow, part.shortestCycle(from: .reads, by: information))
        }
        for part in cyclicParts(of: information.union([.overtakes])) {
            if let cycle = part.shortestCycle(from: .overtakes, by: information) {
                // The second transaction changed what the first had read, and the first changed it as well.
                let isLostUpdate = cycle.count == 2 && cycle[1].kind == .overwrites && cycle[0].key == cycle[1].key
                add(isLostUpdate ? .lostUpdate : .readSkew, cycle)
            } else {
                add(.longFork, part.shortestLongFork())
            }
            add(.writeSkew, part.shortestWriteSkew())
        }
        return findings
    }

    /// The shortest cycle that begins with a kind of dependency and goes on by others.
    private func shortestCycle(from first: Dependency.Kind, by kinds: Set<Dependency.Kind>) -> [Dependency]? {
        shortest(dependencies.filter { $0.kind == first }) { start, limit in
            path(from: start.second, to: start.first, limit) { kinds.contains($1.kind) }.map { [start] + $0 }
        }
    }

    /// The shortest cycle with two antidependencies or more, of which no two are neighbours.
    private func shortestLongFork() -> [Dependency]? {
        shortest(dependencies.filter { $0.kind == .overtakes }) { start, limit in
            let path = path(from: start.second, to: start.first, limit, after: start) { last, next in
                next.kind != .overtakes || (last.kind != .overtakes && next.second != start.first)
            }
            return path.map { [start] + $0 }
        }
    }

    /// The shortest cycle with two antidependencies that are neighbours.
    private func shortestWriteSkew() -> [Dependency]? {
        let antidependencies = dependencies.filter { $0.kind == .overtakes }
        return shortest(antidependencies) { first, limit in
            shortest(edges[first.second, default: []].filter { $0.kind == .overtakes }) { second, ownLimit in
                if second.second == first.first { return [first, second] }
                let rest = min(limit, ownLimit) - 1
                return path(from: second.second, to: first.first, rest) { $1.second != first.second }
                    .map { [first, second] + $0 }
            }
        }
    }

    /// The shortest of the cycles that a function finds from some first steps. Its argument is the largest number of
    /// steps after the first that would still be shorter.
    private func shortest(
        _ starts: [Dependency],
        _ find: (Dependency, Int) -> [Dependency]?
    ) -> [Dependency]? {
        var best: [Dependency]?
        for start in starts {
            let limit = best.map { $0.count - 2 } ?? .max
            guard limit > 0 else { break }
            if let cycle = find(start, limit), cycle.count < best?.count ?? .max { best = cycle }
        }
        return best
    }

    /// The shortest path between two transactions, by breadth-first search over the dependencies that were taken last.
    ///
    /// - Parameters:
    ///   - limit: The largest length.
    ///   - previous: The dependency before the path.
    ///   - isAllowed: Whether a dependency may follow another one.
    private func path(
        from start: Int,
        to goal: Int,
        _ limit: Int,
        after previous: Dependency? = nil,
        _ isAllowed: (_ last: Dependency, _ next: Dependency) -> Bool
    ) -> [Dependency]? {
        // Whether the last step was an antidependency is all that a rule may ask of it.
        struct Place: Hashable {
            var node: Int
            var isOvertaken: Bool
        }
        let before = previous ?? Dependency(first: start, second: start, kind: .follows)
        let asksForLast = previous != nil
        var steps: [Place: (place: Place, step: Dependency)] = [:]
        let root = Place(node: start, isOvertaken: asksForLast && before.kind == .overtakes)
        var frontier = [(place: root, last: before)]
        var length = 0
        while !frontier.isEmpty, length < limit {
            length += 1
            var next: [(place: Place, last: Dependency)] = []
            for (place, last) in frontier {
                for step in edges[place.node, default: []] where isAllowed(last, step) {
                    let reached = Place(node: step.second, isOvertaken: asksForLast && step.kind == .overtakes)
                    guard reached != root, steps[reached] == nil else { continue }
                    steps[reached] = (place, step)
                    if step.second == goal {
                        var path: [Dependency] = []
                        var place = reached
                        while let (before, step) = steps[place] {
                            path.append(step)
                            place = before
                        }
                        return path.reversed()
                    }
                    next.append((reached, step))
                }
            }
            frontier = next
        }
        return nil
    }
}
