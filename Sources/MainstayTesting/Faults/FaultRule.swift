// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A fault that waits for its trigger, as the proxy's thread sees it.
final class FaultRule {
    let fault: Fault
    let trigger: FaultTrigger
    let injection: FaultInjection

    /// The text that the trigger waits for.
    let text: [UInt8]

    private var remaining: Int

    init(_ fault: Fault, _ trigger: FaultTrigger, _ injection: FaultInjection, times: Int) {
        self.fault = fault
        self.trigger = trigger
        self.injection = injection
        remaining = times
        if case .text(_, let text, _) = trigger { self.text = Array(text.utf8) } else { text = [] }
    }

    /// Whether it may fire once more.
    var isLive: Bool { remaining > 0 }

    /// Takes one of the times: the trigger has fired, and the fault is bound to happen.
    func claim() {
        remaining -= 1
    }

    /// How many bytes must be delivered in a direction.
    func byteCount(in direction: FaultProxy.Direction) -> Int? {
        guard isLive, case .bytes(direction, let count) = trigger else { return nil }
        return count
    }

    /// Which moment of the text's passage it waits for, in a direction.
    func moment(in direction: FaultProxy.Direction) -> FaultTrigger.Moment? {
        guard isLive, case .text(direction, _, let moment) = trigger else { return nil }
        return moment
    }

    /// Whether the text ends in a chunk.
    ///
    /// - Parameter passed: What was delivered before the chunk, or the end of it.
    func ends(in chunk: ArraySlice<UInt8>, after passed: [UInt8]) -> Bool {
        guard let first = text.first, !chunk.isEmpty else { return false }
        let bytes = passed.suffix(text.count - 1) + chunk
        guard bytes.count >= text.count else { return false }
        for start in bytes.startIndex...(bytes.endIndex - text.count) where bytes[start] == first {
            if bytes[start...].starts(with: text) { return true }
        }
        return false
    }
}
