// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Transactions, and why one comes before another.
struct DependencyGraph {
    /// The dependencies by the transaction that comes first.
    private(set) var edges: [Int: [Dependency]] = [:]

    init(_ dependencies: some Sequence<Dependency>) {
        for dependency in dependencies { edges[dependency.first, default: []].append(dependency) }
        // In an order that doesn't change from run to run.
        for node in edges.keys {
            edges[node]?.sort {
                ($0.second, $0.kind.rawValue, $0.key ?? 0) < ($1.second, $1.kind.rawValue, $1.key ?? 0)
            }
        }
    }

    /// All dependencies, in order.
    var dependencies: [Dependency] {
        edges.keys.sorted().flatMap { edges[$0, default: []] }
    }

    /// The parts in which every transaction comes before every other one, by dependencies of some kinds: where cycles
    /// are.
    func cyclicParts(of kinds: Set<Dependency.Kind>) -> [DependencyGraph] {
        let graph = DependencyGraph(dependencies.filter { kinds.contains($0.kind) })
        let components = graph.components()
        let inside = graph.dependencies.filter { components[$0.first] == components[$0.second] }
        return Dictionary(grouping: inside) { components[$0.first, default: 0] }
            .sorted { $0.key < $1.key }
            .map { DependencyGraph($0.value) }
    }

    /// The strongly connected component of each transaction, by R. Tarjan's algorithm of 1972, without recursion.
    private func components() -> [Int: Int] {
        var indices: [Int: Int] = [:]
        var lowest: [Int: Int] = [:]
        var components: [Int: Int] = [:]
        var open: [Int] = []
        var count = 0
        for root in edges.keys.sorted() where indices[root] == nil {
            var path = [(node: root, next: 0)]
            while let (node, next) = path.last {
                if indices[node] == nil {
                    indices[node] = indices.count
                    lowest[node] = indices[node]
                    open.append(node)
                }
                let successors = edges[node, default: []]
                if next < successors.count {
                    path[path.count - 1].next += 1
                    let successor = successors[next].second
                    if indices[successor] == nil {
                        path.append((successor, 0))
                    } else if components[successor] == nil {
                        lowest[node] = min(lowest[node, default: 0], indices[successor, default: 0])
                    }
                    continue
                }
                path.removeLast()
                if let parent = path.last?.node {
                    lowest[parent] = min(lowest[parent, default: 0], lowest[node, default: 0])
                }
                guard lowest[node] == indices[node] else { continue }
                while let member = open.popLast() {
                    components[member] = count
                    if member == node { break }
                }
                count += 1
            }
        }
        return components
    }
}
