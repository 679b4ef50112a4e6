// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import MainstaySQLite

/// A folder of a test's own, removed with everything in it when the test is over.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/mainstay-sqlite-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func file(_ name: String = "test.db") -> String { "\(path)/\(name)" }

    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }

    /// Opens a database in the folder, gives it to a function, and closes it.
    ///
    /// - Parameters:
    ///   - name: The file's name.
    ///   - parameters: The URL's parameters, as in `mode=ro`.
    ///   - schema: A script that is executed first.
    @discardableResult
    func withDatabase<Result>(
        _ name: String = "test.db",
        _ parameters: String = "",
        schema: String? = nil,
        attempts: Int = 1,
        _ body: (Database) async throws -> Result
    ) async throws -> Result {
        let url = "sqlite://\(file(name))\(parameters.isEmpty ? "" : "?\(parameters)")"
        return try await Self.withDatabase(url, schema: schema, attempts: attempts, body)
    }

    /// Opens a database, gives it to a function, and closes it.
    static func withDatabase<Result>(
        _ url: String,
        schema: String? = nil,
        attempts: Int = 1,
        _ body: (Database) async throws -> Result
    ) async throws -> Result {
        let retry = RetryPolicy(maxAttempts: attempts, backoff: Backoff(first: .zero, limit: .zero))
        var configuration = DatabaseConfiguration(retry: retry)
        // All tests run at the same time, and writers wait for each other.
        configuration.pool.acquireTimeout = .seconds(180)
        let database = try Database(url, drivers: [.sqlite], configuration: configuration)
        do {
            if let schema { try await database.write { try $0.executeScript(schema) } }
            let result = try await body(database)
            await database.close()
            return result
        } catch {
            await database.close()
            throw error
        }
    }
}

extension Database {
    /// The only value that a query gives.
    func value<Value: SQLDecodable & Sendable>(_ sql: SQL, as type: Value.Type = Value.self) async throws -> Value {
        try await read { session in try session.query(sql, as: type).one() }
    }
}

/// The error that a function throws, or nil.
func databaseError(_ body: () async throws -> Void) async throws -> DatabaseError? {
    do {
        try await body()
        return nil
    } catch let error as DatabaseError {
        return error
    }
}
