// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CPeers
import Foundation

/// The same work by hand, on the database's C library.
final class Peer {
    private var peer = CPeers.peer()

    struct Failure: Error {
        let code: Int32
    }

    init(_ url: String) throws {
        let parts = URLComponents(string: url)
        let status: Int32
        switch parts?.scheme {
        case "sqlite": status = peer_open_sqlite(&peer, parts?.path ?? "")
        case "postgresql": status = peer_open_postgresql(&peer, url)
        default:
            status = peer_open_mariadb(
                &peer,
                parts?.host ?? "",
                parts?.user ?? "",
                parts?.password ?? "",
                String(parts?.path.dropFirst() ?? ""),
                Int32(parts?.port ?? 3306)
            )
        }
        guard status == 0 else { throw Failure(code: status) }
    }

    deinit { peer.close(&peer) }

    func scan() throws -> Double {
        var sum = 0.0
        let status = peer.scan(&peer, &sum)
        guard status == 0 else { throw Failure(code: status) }
        return sum
    }

    func insert(batches: Int) throws {
        let status = peer.insert(&peer, Int32(batches))
        guard status == 0 else { throw Failure(code: status) }
    }

    func undo() throws {
        let status = peer.undo(&peer)
        guard status == 0 else { throw Failure(code: status) }
    }
}
