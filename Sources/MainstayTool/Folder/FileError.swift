// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// Why a file or folder can't be read.
enum FileError: Error, CustomStringConvertible {
    /// The system says so, by this number.
    case system(Int32)
    /// It was a file when the folder was listed, and is none any more.
    case noFile
    /// It changed each time while it was read.
    case restless

    /// Whether it is not there any more.
    var isMissing: Bool {
        switch self {
        case .system(ENOENT), .system(ENOTDIR), .noFile: true
        default: false
        }
    }

    var description: String {
        switch self {
        case .system(let number): strerror(number).map { String(cString: $0) } ?? "error \(number)"
        case .noFile: "not a file any more"
        case .restless: "changes while it is read"
        }
    }
}
