// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Names a slot: where it is kept, and a number that no other slot of the pool ever had.
///
/// Who comes late with the name of a slot that is gone finds nothing, though another slot be kept in its place.
struct SlotID: Sendable, Hashable, CustomStringConvertible {
    /// The number that no slot has.
    static let nobody = -1

    let index: Int
    let serial: Int

    var isNobody: Bool { serial == Self.nobody }

    var description: String { "\(serial)" }
}
