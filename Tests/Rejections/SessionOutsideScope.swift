// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

// rejected: actor-isolated
// A session's calls are synchronous only where the code is isolated to it.

import Mainstay

func helper(_ session: Session) throws {
    try session.execute("DELETE FROM users")
}
