// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension ConnectionURL {
    /// One `name=value` of a URL's query.
    public struct Parameter: Sendable, Equatable {
        /// The name: ASCII letters, digits, `_`, `-` and `.`, at most 64 of them.
        public let name: String

        /// The value, percent-decoded. It is in clear, even if the name says that it is a password.
        public let value: String

        /// Whether the name looks as if the value must not be seen, so that descriptions show `***`. Rather once too
        /// often than once too rarely: misspelt passwords count.
        public var isSecret: Bool {
            let name = name.lowercased()
            return Self.secretWords.contains { name.contains($0) }
                || name.hasSuffix("key") && name != "sslkey" // `sslkey` is the path of a file; `key` opens one
                || Suggestion.distance(name, "password") <= 2
        }

        private static let secretWords = ["pass", "pwd", "secret", "token", "credential", "signature"]
    }
}

extension ConnectionURL.Parameter: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The parameter as it stands in a URL, with `***` for the value of a secret one.
    public var description: String {
        "\(name)=\(isSecret ? Secret.mask : PercentCoding.encode(value, keeping: "/:,"))"
    }

    /// The same as ``description``.
    public var debugDescription: String { description }

    /// Nothing but the description.
    public var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}
