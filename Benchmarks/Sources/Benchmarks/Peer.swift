// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import CPeers
import Foundation

/// The same work by hand, on the database's C library.
final class Peer {
    // Allocated, for C keeps its address.
    private let peer = UnsafeMutablePointer<CPeers.peer>.allocate(capacity: 1)

    struct Failure: Error {
        let code: Int32
    }

    init(_ url: String) throws {
        peer.initialize(to: CPeers.peer())
        let parts = URLComponents(string: url)
        let status: Int32
        switch parts?.scheme {
        case "sqlite": status = peer_open_sqlite(peer, parts?.path ?? "")
        case "postgresql": status = peer_open_postgresql(peer, url)
        default:
            status = peer_open_mariadb(
                peer,
                parts?.host ?? "",
                parts?.user ?? "",
                parts?.password ?? "",
                String(parts?.path.dropFirst() ?? ""),
                Int32(parts?.port ?? 3306)
            )
        }
        try require(status)
    }

    deinit {
        peer.pointee.close?(peer)
        peer.deallocate()
    }

    /// Reads all rows, one after the other.
    func scan() throws -> Double {
        var sum = 0.0
        try require(peer.pointee.scan(peer, nil, &sum))
        return sum
    }

    /// Reads all rows and keeps them.
    func scanKept() throws -> Double {
        var sum = 0.0
        try require(peer_scan_kept(peer, &sum))
        return sum
    }

    /// Selects so many rows by key in one transaction.
    func point(_ count: Int) throws -> Double {
        var sum = 0.0
        try require(peer.pointee.begin_reading(peer))
        try require(peer.pointee.point(peer, 0, Int32(count), &sum))
        try require(peer.pointee.undo(peer))
        return sum
    }

    /// Does the same, each outside of a transaction and on another thread.
    func handOver(_ count: Int) throws -> Double {
        var sum = 0.0
        try require(peer_handover(peer, Int32(count), &sum))
        return sum
    }

    /// Inserts rows one by one and rolls back.
    func insertEach(_ count: Int) throws -> Double {
        try require(peer.pointee.begin(peer))
        try require(peer.pointee.insert_each(peer, Int32(count)))
        try require(peer.pointee.undo(peer))
        return Double(count)
    }

    /// Inserts rows in the fastest way there is and rolls back.
    func bulk(_ count: Int) throws -> Double {
        try require(peer.pointee.begin(peer))
        try require(peer.pointee.bulk(peer, Int32(count)))
        try require(peer.pointee.undo(peer))
        return Double(count)
    }

    /// Inserts batches of rows, reads their keys and rolls back.
    func insert(batches: Int) throws -> Double {
        try require(peer.pointee.insert(peer, Int32(batches)))
        try require(peer.pointee.undo(peer))
        return Double(batches * Int(PEER_BATCH))
    }

    /// Has each of several peers, on a thread of its own, select so many rows by key.
    static func concurrently(_ peers: [Peer], each count: Int) throws -> Double {
        var pointers: [UnsafeMutablePointer<CPeers.peer>?] = peers.map(\.peer)
        let status = peer_concurrent(&pointers, Int32(peers.count), Int32(count))
        guard status == 0 else { throw Failure(code: status) }
        return Double(peers.count * count)
    }

    private func require(_ status: Int32) throws {
        guard status == 0 else { throw Failure(code: status) }
    }
}
