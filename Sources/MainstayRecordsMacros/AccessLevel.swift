// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import SwiftSyntax

/// From where a declaration can be used.
enum AccessLevel: Int, Comparable {
    case `private`, `fileprivate`, `internal`, `package`, `public`

    init(of modifiers: DeclModifierListSyntax, default level: AccessLevel = .internal) {
        // `private(set)` says nothing of reading.
        let levels = modifiers.lazy.filter { $0.detail == nil }.compactMap { AccessLevel($0.name.tokenKind) }
        self = levels.first ?? level
    }

    private init?(_ token: TokenKind) {
        switch token {
        case .keyword(.private): self = .private
        case .keyword(.fileprivate): self = .fileprivate
        case .keyword(.internal): self = .internal
        case .keyword(.package): self = .package
        case .keyword(.public): self = .public
        default: return nil
        }
    }

    static func < (left: AccessLevel, right: AccessLevel) -> Bool { left.rawValue < right.rawValue }

    /// What to write before a member of the extension, which is seen no further than the struct anyway.
    var modifier: String {
        switch self {
        case .public: "public "
        case .package: "package "
        case .private, .fileprivate, .internal: ""
        }
    }
}
