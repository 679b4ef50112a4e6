// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A prepared statement and, while it is being executed, the cursor over its result.
///
/// The life of an execution: `start`, then `step` until it returns false or enough was read, then `finish`. A throw from
/// any of them ends the execution; the statement can be started again. Between `start` and `finish` the core prepares
/// and starts nothing else on the connection.
public protocol PreparedStatement: AnyObject {
    /// The columns of the result, empty if the statement returns none. Right after `start` at the latest.
    var columns: [Column] { get }

    /// Binds the parameters and begins the execution.
    ///
    /// - Parameters:
    ///   - parameters: As many values as types were given to `prepare`, of those types.
    ///   - reading: How much of the result will be read.
    func start(_ parameters: [Value], reading: Reading) throws(DatabaseError)

    /// How many rows are there to be read without waiting, so that whoever collects them can make room; 0 if that is not known.
    var rowsAtHand: Int { get }

    /// Goes to the next row.
    ///
    /// - Returns: False after the last row.
    func step() throws(DatabaseError) -> Bool

    /// Goes on to the execution's next result, as a procedure may have several: `columns` and `step` are of that one then. Rows of the
    /// last one that were not read are discarded.
    ///
    /// - Returns: False if there is no other result with columns.
    func nextResult() throws(DatabaseError) -> Bool

    /// The value of a column in the current row, valid until the next `step` or `finish`.
    ///
    /// - Parameter index: A column's position, from 0; the core checks the range.
    func cell(at index: Int) throws(DatabaseError) -> Cell

    /// Ends the execution; rows that were not read are discarded.
    ///
    /// - Returns: What the statement did. Success means that the server has finished: on PostgreSQL a deferred
    ///   constraint may fail after the last row.
    func finish() throws(DatabaseError) -> Completion

    /// Executes the statement once for each set of parameters and adds up what it did. Rows are discarded.
    ///
    /// A driver overrides the default, which loops, where the protocol has a faster way.
    func executeBatch(_ sets: [[Value]]) throws(DatabaseError) -> Completion

    /// Frees the statement. Not used afterwards.
    func close()
}

extension PreparedStatement {
    /// For libraries that don't know.
    public var rowsAtHand: Int { 0 }

    /// For databases whose statements have one result.
    public func nextResult() throws(DatabaseError) -> Bool { false }

    /// Executes the statement once for each set of parameters, one after the other.
    public func executeBatch(_ sets: [[Value]]) throws(DatabaseError) -> Completion {
        var total = Completion(affectedRows: 0)
        for set in sets {
            try start(set, reading: .all)
            while try step() {}
            let completion = try finish()
            total.affectedRows += completion.affectedRows
            total.generatedKey = completion.generatedKey ?? total.generatedKey
        }
        return total
    }
}
