// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Synchronization

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Tells on standard error how far the work is: by one line that changes on a terminal, by a line every few seconds
/// elsewhere.
final class ProgressLine: Sendable {
    private struct State {
        var lastShown = ContinuousClock.now
        var isVisible = false
    }

    private static let returnAndErase = "\r\u{1B}[K"
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let state = Mutex(State())

    private var interval: Duration { isTerminal ? .milliseconds(100) : .seconds(3) }

    /// Shows how far the work is, unless something was shown just now.
    func show(_ text: @autoclosure () -> String) {
        state.withLock { state in
            let now = ContinuousClock.now
            guard now >= state.lastShown + interval else { return }
            state.lastShown = now
            state.isVisible = isTerminal
            // One that wrapped to the next line could not be erased.
            write(isTerminal ? Self.returnAndErase + text().prefix(79) : text() + "\n")
        }
    }

    /// Writes a line that stays.
    func say(_ text: String) {
        state.withLock { state in
            write((state.isVisible ? Self.returnAndErase : "") + text + "\n")
            state.isVisible = false
        }
    }

    /// Removes the line.
    func erase() {
        state.withLock { state in
            if state.isVisible { write(Self.returnAndErase) }
            state.isVisible = false
        }
    }

    private func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { system_write(STDERR_FILENO, $0.baseAddress, $0.count) }
            // There is nobody left to tell.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}

/// `write(2)`, which the method of the same name hides.
private func system_write(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
