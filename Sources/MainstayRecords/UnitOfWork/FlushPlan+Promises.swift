// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension FlushPlan {
    /// Stops a debug build if the plan breaks one of its promises.
    func checkInvariants(inserts: [Row], updates: [Row], deletes: [Row]) {
        #if DEBUG
        if let promise = brokenPromise(inserts: inserts, updates: updates, deletes: deletes) {
            assertionFailure("FlushPlan: \(promise)")
        }
        #endif
    }

    /// The first promise that the plan breaks; nil if it keeps all.
    func brokenPromise(inserts: [Row], updates: [Row], deletes: [Row]) -> String? {
        var places = Places()
        for (place, step) in steps.enumerated() {
            switch step {
            case .insert(let rows): places.note(rows, at: place, in: \.inserts)
            case .update(let rows): places.note(rows, at: place, in: \.updates)
            case .delete(let rows): places.note(rows, at: place, in: \.deletes)
            case .link(let rows): places.note(rows, at: place, in: \.links)
            }
        }
        guard !places.hasRepetition, places.inserts.count == inserts.count, places.updates.count == updates.count,
            places.deletes.count == deletes.count
        else { return "each row is written once" }
        guard Set(places.links.keys) == Set(postponed.keys) else { return "what was left out of an insert is written" }
        return brokenOrder(of: inserts, places) ?? brokenOrder(of: updates, deletes, places)
    }

    /// Where each row is written, by the number of the step.
    private struct Places {
        var inserts: [Int: Int] = [:]
        var updates: [Int: Int] = [:]
        var deletes: [Int: Int] = [:]
        var links: [Int: Int] = [:]
        var hasRepetition = false

        mutating func note(_ rows: [Int], at place: Int, in list: WritableKeyPath<Places, [Int: Int]>) {
            for row in rows where self[keyPath: list].updateValue(place, forKey: row) != nil { hasRepetition = true }
        }
    }

    private func brokenOrder(of inserts: [Row], _ places: Places) -> String? {
        for (row, insert) in inserts.enumerated() {
            for link in insert.links where link.target != row {
                let isPostponed = postponed[row]?.contains(link.column) ?? false
                let place = isPostponed ? places.links[row] : places.inserts[row]
                guard let place, let target = places.inserts[link.target], target < place else {
                    return "a row is referred to after it was inserted"
                }
                guard !isPostponed || link.isOptional else { return "a reference that has to be there is not left out" }
            }
        }
        return nil
    }

    private func brokenOrder(of updates: [Row], _ deletes: [Row], _ places: Places) -> String? {
        for (row, update) in updates.enumerated() {
            guard let place = places.updates[row] else { continue }
            guard update.links.allSatisfy({ (places.inserts[$0.target] ?? .max) < place }) else {
                return "an update comes after the inserts to which it refers"
            }
            guard update.deleted.allSatisfy({ (places.deletes[$0] ?? .min) > place }) else {
                return "an update moves away from a row before that is deleted"
            }
        }
        for (row, delete) in deletes.enumerated() {
            // In a circle there is no order. A row that refers to none of the others is in no circle.
            for target in delete.deleted where target != row && deletes[target].deleted.isEmpty {
                guard let place = places.deletes[row], let last = places.deletes[target], place < last else {
                    return "a row is deleted before the one that it refers to"
                }
            }
        }
        return nil
    }
}
