// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension ProxyConnection {
    /// Lets a chunk pass, as far as no rule forbids it.
    func admit(_ chunk: ProxyFlow.Chunk, _ direction: FaultProxy.Direction, _ rules: [FaultRule]) {
        let flow = self[direction]
        if let index = flow.onAnswer.firstIndex(where: { $0.position <= flow.position }) {
            return fire([self[direction].onAnswer.remove(at: index).rule])
        }
        let counting = rules.compactMap { rule -> (count: Int, rule: FaultRule)? in
            guard let total = rule.byteCount(in: direction), !flow.fired.contains(ObjectIdentifier(rule)) else {
                return nil
            }
            let count = total - flow.passed
            return (0...chunk.bytes.count).contains(count) ? (count, rule) : nil
        }
        let answers = flow.onAnswer.map { $0.position - flow.position }
        let count = (counting.map(\.count) + answers).reduce(chunk.bytes.count, min)

        let part = chunk.bytes.prefix(count)
        let texts = rules.filter { $0.moment(in: direction) != nil && $0.ends(in: part, after: flow.tail) }
        let before = texts.filter {
            $0.moment(in: direction) == .before && !chunk.fired.contains(ObjectIdentifier($0))
        }
        guard before.isEmpty else {
            before.forEach {
                $0.claim()
                self[direction].arrived[0].fired.insert(ObjectIdentifier($0))
            }
            return fire(before)
        }
        for rule in texts where rule.moment(in: direction) == .answered {
            rule.claim()
            // What is on its way already is no answer.
            while receive(direction.opposite) {}
            self[direction.opposite].onAnswer.append((self[direction.opposite].received, rule))
        }
        let reached = counting.filter { $0.count == count }.map(\.rule)
        self[direction].fired.formUnion(reached.map { ObjectIdentifier($0) })
        let after = reached + texts.filter { $0.moment(in: direction) == .after }
        after.forEach { $0.claim() }
        self[direction].afterReady = after
        self[direction].admit(count, memory: rules.map(\.text.count).max() ?? 0)
    }

    /// Lets faults happen whose triggers have fired.
    func fire(_ rules: [FaultRule]) {
        for rule in rules {
            rule.injection.fire { suffer(rule.fault) }
        }
    }
}
