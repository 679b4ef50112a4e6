// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Where in the source a scope begins.
public struct CallSite: Sendable, Hashable, CustomStringConvertible {
    /// The module and the file, as `#fileID` has them.
    public var fileID: String { "\(file)" }
    /// The line, from 1.
    public let line: UInt

    // Kept as the compiler gave it, so that a lease copies no text.
    private let file: StaticString

    /// Creates a call site.
    public init(fileID: StaticString, line: UInt) {
        file = fileID
        self.line = line
    }

    /// The place as in `Shop/Orders.swift:42`.
    public var description: String { "\(file):\(line)" }

    /// Whether two call sites are the same place.
    public static func == (left: CallSite, right: CallSite) -> Bool {
        left.line == right.line && left.fileID == right.fileID
    }

    /// Feeds the place to a hasher.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(fileID)
        hasher.combine(line)
    }
}
