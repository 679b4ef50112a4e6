// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Mainstay
import MainstayMariaDB
import MainstayPostgreSQL
import MainstaySQLite
import MainstayTesting
import Testing

/// The guides say what is true: their code is compiled and run here, and their tables agree with the code.
@Suite struct GuideTests {
    @Test(arguments: try Guide.all)
    func `code is compiled`(_ guide: Guide) throws {
        for block in guide.blocks where block.language == "swift" {
            switch block.mark {
            case .compiled(let file, let name):
                let source = try Guide.source(file)
                let code = try #require(source.code(named: name), "\(file) has no line // #\(name)")
                #expect(code.starts(with: block.lines), "\(guide): the code of #\(name) differs from that in \(file)")
            case .rejected(let file):
                let source = try SwiftSource(Guide.root.appending(path: "Tests/Rejections/\(file)"))
                #expect(source.contains(block.lines), "\(guide): the code is not that of \(file)")
            case .notCompiled:
                continue
            case nil:
                #expect(block.lines.count { !$0.isEmpty } <= 3, "\(guide): code of line \(block.line) is not marked")
            }
        }
    }

    @Test func `every example is used once`() throws {
        let used = try Guide.all.flatMap(\.blocks).compactMap { block -> String? in
            guard case .compiled(let file, let name) = block.mark else { return nil }
            return "\(file)#\(name)"
        }
        let made = try Guide.sources().flatMap { source in source.names.map { "\(source.file)#\($0)" } }
        #expect(Set(made).count == made.count, "a name is used twice in a file")
        #expect(Set(made).subtracting(used).isEmpty, "no guide shows these")
    }

    @Test func `conformance cases are called by their names`() throws {
        let names = Set(ConformanceCase.all.map(\.name))
        for guide in try Guide.all {
            for match in guide.text.matches(of: /`"([^"]+)"`/) {
                #expect(names.contains(String(match.1)), "\(guide): there is no case of this name")
            }
        }
    }

    @Test func `every error code is explained`() throws {
        let source = try String(
            contentsOf: Guide.root.appending(path: "Sources/Mainstay/Error/DatabaseError+Code.swift"),
            encoding: .utf8
        )
        let codes = source.matches(of: /public static let (\w+) = Self\(rawValue:/).map { String($0.1) }
        #expect(codes.count > 40)
        let rows = try Guide.named("Errors").tableRows.filter { $0.count == 4 }
        for code in codes {
            let row = try #require(rows.first { $0[0] == "`\(code)`" }, "Errors.md has no row for \(code)")
            let meaning = DatabaseError.Code(rawValue: code)
            #expect(row[2] == (meaning.isUsuallyTransient ? "yes" : "no"), "\(code): transient")
            #expect(row[3] == (meaning.leavesConnectionUsable ? "yes" : "no"), "\(code): connection usable")
        }
    }

    @Test(arguments: ["sqlite::memory:", "postgresql://localhost/shop", "mariadb://localhost/shop"])
    func `every URL parameter is explained`(_ url: String) throws {
        let error = #expect(throws: DatabaseError.self) {
            try Database("\(url)?no-such-parameter=1", drivers: [.sqlite, .postgreSQL, .mariaDB])
        }
        let hint = try #require(error?.hint)
        let known = try #require(hint.components(separatedBy: "known are ").last).components(separatedBy: ", ")
        #expect(known.count >= 4)
        let explained = try Guide.named("Connecting").tableRows.map { $0[0] }
        for parameter in known {
            #expect(explained.contains { $0.contains("`\(parameter)`") }, "Connecting.md does not explain \(parameter)")
        }
    }

    @Test func `every rule of sessions is pinned by tests that exist`() throws {
        let tests = try Guide.tests
        #expect(tests.count > 500)
        let rows = try Guide.named("SQLAlchemy").tableRows.filter { $0.count == 4 && $0.last != "pinned by" }
        #expect(rows.count > 40)
        for row in rows {
            let names = row[3].matches(of: /`([^`]+)`/).map { String($0.1) }
            #expect(!names.isEmpty, "\(row[0]): no test pins this")
            for name in names {
                #expect(tests.contains(name), "\(row[0]): there is no test of this name")
            }
        }
    }

    @Test(arguments: try Guide.all)
    func `lines are short and begin with a title`(_ guide: Guide) throws {
        let lines = guide.text.components(separatedBy: "\n")
        #expect(lines.first?.hasPrefix("# ") == true)
        for line in lines where !line.hasPrefix("|") {
            #expect(line.count <= 120, "\(guide): \(line)")
        }
    }
}

/// A page of the documentation catalogue.
struct Guide: Sendable, CustomTestStringConvertible, CustomStringConvertible {
    let name: String
    let text: String

    var testDescription: String { name }
    var description: String { "\(name).md" }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized

    static var all: [Guide] {
        get throws {
            try ["Mainstay", "MainstayRecords"].flatMap { module in
                let folder = root.appending(path: "Sources/\(module)/Documentation.docc")
                return try FileManager.default.contentsOfDirectory(atPath: folder.path())
                    .filter { $0.hasSuffix(".md") }
                    .sorted()
                    .map { file in
                        let text = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
                        return Guide(name: String(file.dropLast(3)), text: text)
                    }
            }
        }
    }

    static func named(_ name: String) throws -> Guide {
        try #require(try all.first { $0.name == name }, "there is no \(name).md")
    }

    /// What all tests are called, and the files that must not compile.
    static var tests: Set<String> {
        get throws {
            let folder = root.appending(path: "Tests")
            let files = FileManager.default.enumerator(atPath: folder.path())?.compactMap { $0 as? String } ?? []
            var tests: Set<String> = []
            for file in files where file.hasSuffix(".swift") {
                if file.hasPrefix("Rejections/") { tests.insert(String(file.dropFirst("Rejections/".count))) }
                let source = try String(contentsOf: folder.appending(path: file), encoding: .utf8)
                for match in source.matches(of: /@Test[^`]*func `([^`]+)`/) { tests.insert(String(match.1)) }
            }
            return tests
        }
    }

    /// The cells of all table rows, without the lines under the headers.
    var tableRows: [[String]] {
        text.components(separatedBy: "\n").filter { $0.hasPrefix("| ") }.map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    /// What a comment above a block of code says about it.
    enum Mark: Equatable {
        /// It stands in a file of this folder, below the line `// #name`.
        case compiled(file: String, name: String)
        /// It stands in a file of `Tests/Rejections`.
        case rejected(file: String)
        /// It can't be.
        case notCompiled
    }

    struct Block {
        let language: String
        let mark: Mark?
        let line: Int
        let lines: [String]
    }

    /// The fenced blocks of code.
    var blocks: [Block] {
        var blocks: [Block] = []
        var mark: Mark?
        var open: (language: String, mark: Mark?, line: Int)?
        var code: [String] = []
        for (index, line) in text.components(separatedBy: "\n").enumerated() {
            if let fence = open, line == "```" {
                blocks.append(Block(language: fence.language, mark: fence.mark, line: fence.line, lines: code))
                (open, mark, code) = (nil, nil, [])
            } else if open != nil {
                code.append(line)
            } else if line.hasPrefix("```") {
                open = (String(line.dropFirst(3)), mark, index + 1)
            } else if line.hasPrefix("<!--") {
                mark = Self.mark(line)
            } else if !line.isEmpty {
                mark = nil
            }
        }
        return blocks
    }

    private static func mark(_ line: String) -> Mark? {
        if let match = line.wholeMatch(of: /<!-- compiled: (\S+\.swift)#(\w+) -->/) {
            return .compiled(file: String(match.1), name: String(match.2))
        }
        if let match = line.wholeMatch(of: /<!-- rejected: (\S+\.swift) -->/) {
            return .rejected(file: String(match.1))
        }
        return line.hasPrefix("<!-- not compiled: ") ? .notCompiled : nil
    }

    /// A file of this folder.
    static func source(_ file: String) throws -> SwiftSource {
        try SwiftSource(URL(filePath: #filePath).deletingLastPathComponent().appending(path: file))
    }

    /// All files of this folder.
    static func sources() throws -> [SwiftSource] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        return try FileManager.default.contentsOfDirectory(atPath: folder.path())
            .filter { $0.hasSuffix(".swift") }
            .map { try source($0) }
    }
}

/// A Swift file that has the code of guides in it.
struct SwiftSource {
    let file: String
    private let lines: [String]

    init(_ url: URL) throws {
        file = url.lastPathComponent
        lines = try String(contentsOf: url, encoding: .utf8).components(separatedBy: "\n")
    }

    /// The names in lines of the form `// #name`.
    var names: [String] {
        lines.compactMap { $0.wholeMatch(of: /\ *\/\/ #(\w+)/).map { String($0.1) } }
    }

    /// What follows the line `// #name`, moved to the left as far as that line is.
    func code(named name: String) -> [String]? {
        guard let start = lines.firstIndex(where: { $0.trimmingCharacters(in: .whitespaces) == "// #\(name)" }) else {
            return nil
        }
        let indentation = lines[start].prefix { $0 == " " }
        return lines[(start + 1)...].map { line in
            line.hasPrefix(indentation) ? String(line.dropFirst(indentation.count)) : line
        }
    }

    /// Whether the lines stand in the file one after the other.
    func contains(_ block: [String]) -> Bool {
        lines.indices.contains { lines[$0...].starts(with: block) }
    }
}
