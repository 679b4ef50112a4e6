// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Mainstay
import MainstayTesting

/// What befalls a service: its line, its server's processes, or its server.
enum ServerFault: CaseIterable {
    case lineIsReset
    case lineIsClosed
    case lineFallsSilent
    case commitIsUnheard
    case commitIsUnanswered
    case commitFallsSilent
    case connectionIsEnded
    case fastRestart
    case immediateRestart
    case killAndRestart
    case pause

    /// All, those of COMMITs more often, for they are what it is about.
    static let all = allCases + [.commitIsUnheard, .commitIsUnanswered, .commitIsUnheard, .commitIsUnanswered]

    func befall(_ service: FaultyService) async throws {
        let proxy = service.proxy
        switch self {
        case .lineIsReset: proxy.inject(.reset)
        case .lineIsClosed: proxy.inject(.close)
        case .lineFallsSilent:
            proxy.inject(.blackhole(nil), when: .bytes(.toServer, Int.random(in: 500..<5000)), times: 2)
        case .commitIsUnheard: proxy.inject(.reset, when: .text(.toServer, "COMMIT", .before), times: 3)
        case .commitIsUnanswered: proxy.inject(.reset, when: .text(.toServer, "COMMIT", .answered), times: 3)
        case .commitFallsSilent: proxy.inject(.blackhole(nil), when: .text(.toServer, "COMMIT", .answered), times: 1)
        case .connectionIsEnded:
            // From outside, and whichever it is.
            try? await service.direct.withSession { session in
                if service.server.name == "postgresql" {
                    _ = try session.query(
                        """
                        SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                        WHERE application_name = current_setting('application_name') AND pid <> pg_backend_pid() LIMIT 2
                        """
                    ).all()
                } else {
                    let ids = try session.query(
                        """
                        SELECT id FROM information_schema.processlist \
                        WHERE db = database() AND id <> connection_id() LIMIT 2
                        """,
                        as: Int.self
                    ).all()
                    for id in ids { try session.executeScript("KILL \(id)") }
                }
            }
        case .fastRestart: try await restart(service, .fast)
        case .immediateRestart: try await restart(service, .immediate)
        case .killAndRestart: try await restart(service, .kill)
        case .pause:
            try await service.server.pause()
            try await Task.sleep(for: .milliseconds(300))
            try await service.server.resume()
        }
    }

    /// Restarts the server, and lets it live for a moment. If it were started twice before anybody could ask once what became
    /// of a COMMIT, that would be unknown, and rightly so.
    private func restart(_ service: FaultyService, _ stop: ControlledServer.Stop) async throws {
        try await service.server.restart(stop)
        _ = try await ServerProbe.isAccepting(service.server.port)
        try await Task.sleep(for: .seconds(2))
    }
}
