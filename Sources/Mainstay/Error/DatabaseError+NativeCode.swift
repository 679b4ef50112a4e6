// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension DatabaseError {
    /// A vendor's own error number.
    ///
    /// The number alone says nothing: 4031 means *disconnected by the server because of inactivity* on MySQL and
    /// *referenced trigger does not exist* on MariaDB. So it never travels without its vendor.
    public struct NativeCode: Sendable, Hashable, CustomStringConvertible {
        /// Whose number it is: `SQLite`, `MariaDB`, `MySQL`, or another driver's name.
        public let vendor: String
        /// The number.
        public let number: Int

        /// Creates a native code.
        public init(vendor: String, number: Int) {
            self.vendor = vendor
            self.number = number
        }

        /// The vendor and the number, as in `MariaDB 1062`.
        public var description: String { "\(vendor) \(number)" }
    }
}
