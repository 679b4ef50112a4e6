// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// Brings a catalogue up to date with its folder, also while the folder changes.
struct Cataloguer {
    let root: String
    /// Full paths that are left out.
    let excluded: [String]
    let catalogue: Catalogue
    let killer: ConnectionKiller
    let progress: ProgressLine

    /// What was written.
    private(set) var changes = Changes()
    /// The folder as it was last seen.
    private(set) var scan = FolderScan()
    /// What was read from files that are there, and is in the database.
    private(set) var entries: [PathKey: Entry] = [:]
    /// The files that could not be read, and why.
    private var unreadable: [PathKey: (stamp: FileStamp, error: FileError)] = [:]

    /// How often what changed meanwhile is catalogued again.
    private static let rounds = 3
    /// How many rows are written in one transaction.
    private static let batchSize = 250

    init(
        _ root: String,
        excluding excluded: [String],
        catalogue: Catalogue,
        killer: ConnectionKiller,
        progress: ProgressLine
    ) {
        self.root = root
        self.excluded = excluded
        self.catalogue = catalogue
        self.killer = killer
        self.progress = progress
    }

    /// Catalogues the folder, and again what changed in it meanwhile, until it is found as it was catalogued.
    ///
    /// - Returns: The paths that changed once more after the last time.
    mutating func run() async throws -> [String] {
        try look()
        var changed: [String] = []
        for _ in 1...Self.rounds {
            let folders = try await writeFolders()
            try await writeFiles(in: folders)
            changes += try await catalogue.remove(
                exceptFolders: Set(scan.folders.map(\.key)),
                files: Set(entries.keys)
            )
            changed = try look()
            if changed.isEmpty { break }
        }
        return changed
    }

    /// What is in the folder and can't be in the catalogue.
    var skipped: [Skipped] {
        let files = scan.files.compactMap { file in
            unreadable[file.key].map { Skipped(path: file.path, reason: "\($0.error)") }
        }
        return scan.skipped + files
    }

    /// Lists the folder and returns the paths that are not as they were when it was catalogued.
    @discardableResult
    private mutating func look() throws -> [String] {
        let before = scan
        do throws(FileError) {
            scan = try FolderScan(root: root, excluding: excluded) { [progress] scan in
                let (folders, files) = (scan.folders.count, scan.files.count)
                progress.show("Listing: \(folders.counted("folder")), \(files.counted("file"))")
            }
        } catch {
            throw FolderError(path: root, reason: error)
        }
        let folders = Set(before.folders.map(\.key)).symmetricDifference(scan.folders.map(\.key))
        let gone = Set(before.files.map(\.key)).subtracting(scan.files.map(\.key))
        return (before.folders + scan.folders).filter { folders.contains($0.key) }.map(\.path)
            + before.files.filter { gone.contains($0.key) }.map(\.path)
            + scan.files.filter { !isKnown($0) }.map(\.path)
    }

    /// Whether a file is as it was when it was read.
    private func isKnown(_ file: File) -> Bool {
        (entries[file.key]?.stamp ?? unreadable[file.key]?.stamp) == file.stamp
    }

    private mutating func writeFolders() async throws -> [PathKey: Int64] {
        var ids: [PathKey: Int64] = [:]
        for batch in scan.folders.batches(of: Self.batchSize) {
            let (changes, batchIDs) = try await catalogue.write(batch)
            self.changes += changes
            ids.merge(batchIDs) { $1 }
        }
        return ids
    }

    private mutating func writeFiles(in folders: [PathKey: Int64]) async throws {
        let present = Set(scan.files.map(\.key))
        entries = entries.filter { present.contains($0.key) }
        unreadable = unreadable.filter { present.contains($0.key) }
        let batches = scan.files.filter { !isKnown($0) }.batches(of: Self.batchSize)
        for (index, batch) in batches.enumerated() {
            // Read before the scope begins, for a scope holds a connection and may run again.
            let readable = batch.compactMap { file in read(file) }
            let isHalfWay = index == batches.count / 2 && killer.victim == nil
            if isHalfWay { killer.arm() }
            changes += try await catalogue.write(readable, in: folders, killer: killer)
            if isHalfWay, let victim = killer.victim {
                progress.say("Killed the \(victim) in the middle of a transaction, which the library ran again")
            }
        }
    }

    /// Reads a file. One that vanished is nil and nothing more, for the next look tells.
    private mutating func read(_ file: File) -> Entry? {
        entries[file.key] = nil
        unreadable[file.key] = nil
        do {
            let contents = try FileContents(
                path: "\(root)/\(file.path)"
            ) { [progress, count = entries.count, total = scan.files.count] bytes in
                let done = "\(count.grouped) of \(total.counted("file"))"
                progress.show("Cataloguing: \(done), \(bytes.counted("byte")) of the next")
            }
            let entry = Entry(file, contents)
            entries[file.key] = entry
            return entry
        } catch {
            if !error.isMissing { unreadable[file.key] = (file.stamp, error) }
            return nil
        }
    }
}

extension Array {
    /// The elements in their order, in arrays of at most so many.
    func batches(of size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
