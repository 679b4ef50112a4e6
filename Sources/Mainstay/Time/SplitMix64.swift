// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A small random generator that is a value, so that the same seed makes the same decisions.
///
/// The algorithm is the one of Steele, Lea and Flood, *Fast Splittable Pseudorandom Number Generators*, 2014. It is for
/// jitter and tests, and not for secrets.
package struct SplitMix64: RandomNumberGenerator, Sendable {
    package var state: UInt64

    package init(state: UInt64) {
        self.state = state
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to 1.
    package mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }
}
