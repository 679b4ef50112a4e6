// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

// rejected: cannot convert value of type 'String' to expected argument type 'SQL'
// Text that was put together elsewhere is no statement: it would be spliced in.

import Mainstay

func inject(_ session: isolated Session, _ name: String) throws {
    let text = "DELETE FROM users WHERE name = '" + name + "'"
    try session.execute(text)
}
