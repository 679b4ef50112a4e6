// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CLibPQ

extension Link {
    /// The name under which the server knows the statement that lets the rest of its transaction only read. To parse it each time
    /// would cost the server as much as a small statement does.
    struct ReadingLimit {
        let name: String
        fileprivate let generation: Int
    }

    /// What sends the statement: 1 for success. Has the server prepare it, if it does not know it: one round trip.
    ///
    /// It is sent before a statement that is its own transaction, which then is that of both: half of what a BEGIN READ ONLY before
    /// and a COMMIT after cost the server. (To set it for the session would cost nothing each time; but others could see that,
    /// and a pooler in between could give it to somebody else.)
    func knownReadingLimit() throws(DatabaseError) -> (OpaquePointer) -> Int32 {
        let text = "SELECT pg_catalog.set_config('transaction_read_only', 'on', true)"
        if sharesServer { return { PQsendQueryParams($0, text, 0, nil, nil, nil, nil, 0) } }
        if readingLimit?.generation != names.generation {
            let name = names.next()
            try pipeline({ handle in PQsendPrepare(handle, name, text, 0, nil) == 1 ? PQpipelineSync(handle) : 0 })
            readingLimit = ReadingLimit(name: name, generation: names.generation)
        }
        let name = readingLimit?.name
        return { PQsendQueryPrepared($0, name, 0, nil, nil, nil, 0) }
    }
}
