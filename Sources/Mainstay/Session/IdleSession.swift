// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A session that is kept alive while its scope awaits something else. It is known after that which watches over it was made.
final class IdleSession: Sendable {
    private struct State {
        weak var session: Session?
    }

    private let state = Mutex(State())

    var session: Session? {
        get { state.withLock { $0.session } }
        set { state.withLock { $0.session = newValue } }
    }

    /// Has the session ask the server for a sign of life, when its lane is free.
    @Sendable func ping() {
        guard let session else { return }
        Task.detached { await session.keepAlive() }
    }
}
