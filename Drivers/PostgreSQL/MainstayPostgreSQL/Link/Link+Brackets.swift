// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CLibPQ

extension Link {
    /// The names under which the server knows what begins and ends a transaction of one statement that reads. To parse them for
    /// each would cost the server as much as a small statement does.
    struct Brackets {
        let begin: String
        let commit: String
        fileprivate let generation: Int
    }

    /// Has the server prepare them, if it does not know them: one round trip.
    func knownBrackets() throws(DatabaseError) -> Brackets {
        if let brackets, brackets.generation == names.generation { return brackets }
        let (begin, commit) = (names.next(), names.next())
        try pipeline({ handle in
            guard PQsendPrepare(handle, begin, "BEGIN READ ONLY", 0, nil) == 1,
                PQsendPrepare(handle, commit, "COMMIT", 0, nil) == 1
            else { return 0 }
            return PQpipelineSync(handle)
        })
        let brackets = Brackets(begin: begin, commit: commit, generation: names.generation)
        self.brackets = brackets
        return brackets
    }
}
