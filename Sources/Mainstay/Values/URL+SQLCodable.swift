// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension URL: SQLCodable {
    /// The URL's text as it is bound.
    public var sqlValue: Value { .text(absoluteString) }
    /// The type that the server is told.
    public static var sqlType: ValueType { .text }

    /// Reads the text of a URL.
    public init(from cell: Cell) throws(DatabaseError) {
        guard let url = URL(string: try String(from: cell)) else {
            throw DatabaseError(.invalidValue, "the text is no URL")
        }
        self = url
    }
}
