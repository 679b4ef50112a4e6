// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A folder, by its path from the root of the catalogue; `.` is the root itself.
struct Folder: Sendable {
    let path: String
    let key: PathKey

    static let root = Folder(path: ".")

    init(path: String) {
        self.path = path
        key = PathKey(path)
    }

    func path(of name: String) -> String {
        path == "." ? name : "\(path)/\(name)"
    }
}

/// A regular file.
struct File: Sendable {
    let path: String
    let name: String
    let key: PathKey
    let folder: PathKey
    let stamp: FileStamp
}

/// What can't be catalogued, and why.
struct Skipped: Sendable {
    let path: String
    let reason: String
}

/// All folders and files below a root at one moment, folders before what they contain.
///
/// Left out are folders named `.git` or `.build…`, symbolic links and whatever else is neither folder nor file, and paths
/// that the caller excludes.
struct FolderScan: Sendable {
    private(set) var folders = [Folder.root]
    private(set) var files: [File] = []
    private(set) var skipped: [Skipped] = []

    /// Nothing but the root.
    init() {}

    /// Lists everything.
    ///
    /// - Throws: If the root itself can't be listed. What can't be listed below it is skipped.
    init(root: String, excluding excluded: [String], onFolder: (FolderScan) -> Void) throws(FileError) {
        var next = 0
        while next < folders.count {
            let folder = folders[next]
            do {
                let listing = try FolderListing(path: folder.path == "." ? root : "\(root)/\(folder.path)")
                for name in listing.names {
                    add(name, in: folder, root, excluded)
                }
                skipped += listing.unreadable.map { name in
                    Skipped(path: folder.path(of: name), reason: "its name is not UTF-8")
                }
            } catch {
                guard next > 0 else { throw error }
                if !error.isMissing { skipped.append(Skipped(path: folder.path, reason: "\(error)")) }
            }
            next += 1
            onFolder(self)
        }
    }

    private mutating func add(_ name: String, in folder: Folder, _ root: String, _ excluded: [String]) {
        let path = folder.path(of: name)
        let fullPath = "\(root)/\(path)"
        // By bytes: to == a name in another Unicode normalization would be the same.
        guard !excluded.contains(where: { $0.utf8.elementsEqual(fullPath.utf8) }) else { return }
        do {
            let stamp = try FileStamp(path: fullPath)
            switch stamp.kind {
            case .folder:
                if name != ".git", !name.hasPrefix(".build") { folders.append(Folder(path: path)) }
            case .file:
                files.append(File(path: path, name: name, key: PathKey(path), folder: folder.key, stamp: stamp))
            case .other:
                break
            }
        } catch {
            if !error.isMissing { skipped.append(Skipped(path: path, reason: "\(error)")) }
        }
    }
}
