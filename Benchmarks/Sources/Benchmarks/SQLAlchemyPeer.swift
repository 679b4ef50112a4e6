// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The same work in SQLAlchemy: a Python process that is told by lines what to do, and measures itself.
final class SQLAlchemyPeer {
    private struct Answer: Decodable {
        let seconds: Double?
        let cpu_seconds: Double?
        let result: Double?
        let error: String?
    }

    struct Failure: Error {
        let message: String
    }

    private let process = Process()
    private let commands = Pipe()
    private let answers = Pipe()

    /// - Parameters:
    ///   - python: The interpreter of an environment that has what `requirements.txt` names.
    init(python: String, script: String, url: String) throws {
        process.executableURL = URL(fileURLWithPath: python)
        process.arguments = [script, url]
        process.standardInput = commands
        process.standardOutput = answers
        try process.run()
    }

    func close() {
        try? commands.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    func run(_ command: String) throws -> Sample {
        try commands.fileHandleForWriting.write(contentsOf: Data("\(command)\n".utf8))
        var line = Data()
        while line.last != UInt8(ascii: "\n") {
            guard let more = try answers.fileHandleForReading.read(upToCount: 1), !more.isEmpty else {
                throw Failure(message: "the Python process has ended")
            }
            line += more
        }
        let answer = try JSONDecoder().decode(Answer.self, from: line)
        guard let seconds = answer.seconds, let cpu = answer.cpu_seconds, let result = answer.result else {
            throw Failure(message: answer.error ?? "no answer")
        }
        return Sample(wall: seconds, cpu: cpu, instructions: nil, result: result)
    }
}
