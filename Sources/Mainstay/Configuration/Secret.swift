// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// A password or another text that must not be seen.
///
/// No description, interpolation, `dump` or mirror shows it; they say `***`. The bytes are overwritten when the last
/// copy goes away. That does not reach what was made from them: the string that a secret was created with, or the one
/// that ``withExposed(_:)`` lends.
public struct Secret: Sendable {
    private let storage: Storage

    /// Keeps a text secret. Any text is taken, the empty one too.
    public init(_ text: String) {
        storage = Storage(text)
    }

    /// Whether the text is empty.
    public var isEmpty: Bool { storage.text.isEmpty }

    /// Lends the text in clear.
    ///
    /// - Throws: What the closure throws.
    public func withExposed<Result, Failure: Error>(
        _ body: (String) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(String(decoding: storage.text, as: UTF8.self))
    }

    /// Lends the text in clear to a C function, without making a string that stays in memory.
    ///
    /// The bytes end with a NUL and are valid only until the closure returns. A text that contains U+0000 looks shorter
    /// than it is; ``ServerConfiguration`` accepts no such password.
    /// - Throws: What the closure throws.
    public func withExposedCString<Result, Failure: Error>(
        _ body: (UnsafePointer<CChar>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let storage = storage
        // The pointer is taken from the object, so the object must outlive the call.
        defer { withExtendedLifetime(storage) {} }
        return try body(storage.cString)
    }
}

extension Secret: ExpressibleByStringLiteral {
    /// Keeps a literal secret, for tests and examples.
    public init(stringLiteral text: String) {
        self.init(text)
    }
}

extension Secret: Equatable {
    /// Whether two secrets are the same. How long that takes depends on their lengths alone, not on how much of them
    /// agrees.
    public static func == (one: Secret, other: Secret) -> Bool {
        defer { withExtendedLifetime((one.storage, other.storage)) {} }
        var difference: UInt8 = one.storage.text.count == other.storage.text.count ? 0 : 1
        for (byte, otherByte) in zip(one.storage.text, other.storage.text) {
            difference |= byte ^ otherByte
        }
        return difference == 0
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What stands in place of every secret.
    static let mask = "***"

    /// Always `***`.
    public var description: String { Self.mask }

    /// Always `***`.
    public var debugDescription: String { Self.mask }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Secret {
    // Behind a pointer even a debugger that ignores mirrors shows no more than an address.
    private final class Storage: Sendable {
        // Written in `init` and `deinit` only.
        nonisolated(unsafe) private let bytes: UnsafeMutableBufferPointer<UInt8>

        init(_ text: String) {
            var text = text
            bytes = text.withUTF8 { utf8 in
                let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: utf8.count + 1)
                let end = bytes.update(fromContentsOf: utf8)
                bytes[end] = 0
                return bytes
            }
        }

        deinit {
            bytes.eraseForGood()
            bytes.deallocate()
        }

        var text: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: bytes.dropLast()) }

        var cString: UnsafePointer<CChar> {
            UnsafeRawPointer(bytes.baseAddress!).assumingMemoryBound(to: CChar.self)
        }
    }
}

extension UnsafeMutableBufferPointer<UInt8> {
    /// Overwrites the bytes by a call that the optimizer may not drop, although nobody reads them afterwards.
    func eraseForGood() {
        guard let baseAddress else { return }
        #if canImport(Darwin)
        memset_s(baseAddress, count, 0, count)
        #else
        explicit_bzero(baseAddress, count)
        #endif
    }
}
