// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

#if canImport(Darwin)
import Darwin
#elseif canImport(Musl)
import Musl
#else
import Glibc
#endif

/// The names in a folder, in the order of their bytes.
struct FolderListing {
    private(set) var names: [String] = []
    /// Names that are no UTF-8, repaired for showing them.
    private(set) var unreadable: [String] = []

    /// Lists a folder.
    init(path: String) throws(FileError) {
        guard let folder = opendir(path) else { throw .system(errno) }
        defer { closedir(folder) }
        while true {
            // The end and an error differ in this only.
            errno = 0
            guard let entry = readdir(folder) else { break }
            withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 1) { add($0) }
            }
        }
        guard errno == 0 else { throw .system(errno) }
        names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private mutating func add(_ name: UnsafePointer<CChar>) {
        guard let text = String(validatingCString: name) else {
            unreadable.append(String(cString: name))
            return
        }
        if text != ".", text != ".." { names.append(text) }
    }
}
