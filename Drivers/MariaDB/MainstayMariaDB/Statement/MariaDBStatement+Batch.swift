// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension MariaDBStatement {
    /// The largest number of sets that are sent at once, and of bytes.
    private static let largestChunk = (sets: 10_000, bytes: 16 << 20)

    /// Executes the statement once for each set of parameters and adds up what it did. Rows are discarded.
    ///
    /// MariaDB takes thousands of sets in one packet, if the statement is a plain INSERT, REPLACE, UPDATE or DELETE.
    /// Those of an INSERT that came in one packet are inserted all or not at all; of other statements those before the
    /// failure stay, as they do when sets are executed one by one. Generated keys are not reported.
    func executeBatch(_ sets: [[Value]]) throws(DatabaseError) -> Completion {
        var total = Completion(affectedRows: 0)
        var rest = sets[...]
        while !rest.isEmpty {
            if rest.count > 1, isBulkPossible, let (count, affectedRows) = try executeChunk(of: rest) {
                rest = rest.dropFirst(count)
                total.affectedRows += affectedRows
            } else {
                try start(rest.removeFirst(), reading: .all)
                while try step() {}
                total.affectedRows += try finish().affectedRows
            }
        }
        return total
    }

    /// Executes as many sets as fit into one packet.
    ///
    /// - Returns: How many, and what they did; nil if the sets must be executed one by one. Nothing was executed then.
    private func executeChunk(
        of sets: ArraySlice<[Value]>
    ) throws(DatabaseError) -> (count: Int, affectedRows: Int)? {
        try requireUsable()
        let limit = min(Self.largestChunk.bytes, try connection.largestPacket() - 1024)
        let sets = sets.prefix(Self.largestChunk.sets)
        guard let count = try parameters.setArrays(sets, parameterTypes, limit: limit) else {
            isBulkRefused = true
            return nil
        }
        do throws(DatabaseError) {
            return (count, try executeBulk(count))
        } catch  where error.nativeCode?.number == 1295 {
            // The server says so before it executes anything.
            isBulkRefused = true
            return nil
        }
    }
}
