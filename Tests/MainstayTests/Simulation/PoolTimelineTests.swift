// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Mainstay

/// The pool's rules as pictures; ``PoolTimeline`` has the notation.
struct PoolTimelineTests {
    /// Expects a diagram to come out as it went in.
    private func expect(
        _ diagram: String,
        connecting: Int = 1,
        working: Int = 0,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ configure: (inout PoolConfiguration) -> Void
    ) throws {
        let drawn = try PoolTimeline(diagram, connecting: connecting, working: working, configure).run()
        #expect("\n" + drawn == "\n" + diagram, sourceLocation: sourceLocation)
    }

    @Test("One connection is handed from one to the next, first come, first served")
    func queue() throws {
        try expect(
            """
            A       -===
            B         --==
            C          ---===
            D           -----=
            0       c=========...
            """
        ) { $0.size = 1 }
    }

    @Test("Whichever comes first serves the first who waits: a connection that is returned, or a new one")
    func whicheverComesFirst() throws {
        try expect(
            """
            A       ---==
            B           -====
            C            --==
            0       ccc======..
            1           ccc==..
            """,
            connecting: 3
        ) { $0.size = 2 }
    }

    @Test("Who waits too long gets an error, and swallows nothing")
    func timeout() throws {
        try expect(
            """
            A       -=======
            B         ----!
            C            ---==
            0       c=========.
            """
        ) {
            $0.size = 1
            $0.acquireTimeout = .seconds(4)
        }
    }

    @Test("Who is cancelled swallows nothing")
    func cancellation() throws {
        try expect(
            """
            A       -=====
            B         --x
            C          ---==
            0       c=======.
            """
        ) { $0.size = 1 }
    }

    @Test("The connection that was used last is used first, and the other one goes")
    func idleTimeout() throws {
        try expect(
            """
            A       -===
            B        -====
            C              ==
            D                  =
            0       c===.....
            1        c====.==..=.
            """
        ) {
            $0.size = 2
            $0.idleTimeout = .seconds(5)
        }
    }

    @Test("A connection of old age rests until another one has taken its place, where one is to rest always")
    func replacedBeforeRetired() throws {
        try expect(
            """
            0       cc..........
            1                 cc.......
            """,
            connecting: 2
        ) {
            $0.size = 2
            $0.minimumIdle = 1
            $0.warmUp = .atStart
            $0.maxLifetime = .seconds(10)
        }
    }

    @Test("Resting connections are pinged, and one that does not answer is closed")
    func keepAlive() throws {
        try expect(
            """
            A       -=
            server  ...........xxxxxxxx
            0       c=..?....?....?~
            """,
            working: 1
        ) {
            $0.size = 1
            $0.keepAlivePeriod = .seconds(4)
        }
    }

    @Test("After an outage all wait, one attempt at a time is made, and then as many as are wanted")
    func outage() throws {
        try expect(
            """
            A       -=====
            B        -====
            C                 ----=
            D                  ----=
            server  ......xxxxxxx......
            0       c=====....
            1        c====....
            2                 c
            3                    c=....
            4                     c=...
            """
        ) { $0.size = 2 }
    }

    @Test("Nobody gets a connection while the pool is suspended, and those who have one keep it")
    func suspension() throws {
        try expect(
            """
            A       -===
            B           ---=
            pool     s     u
            0       c===...=..
            """
        ) { $0.size = 1 }
    }

    @Test("Evicted connections are closed when they come back, and at once if they rest")
    func eviction() throws {
        try expect(
            """
            A       -=====
            B        -==
            C             -==
            pool         e
            0       c=====
            1        c==.
            2             c==.
            """
        ) { $0.size = 2 }
    }

    @Test("Closing waits for those who have a connection until the grace is over, and for nobody else")
    func closing() throws {
        try expect(
            """
            A       -=====
            B        -========
            C          --!
            D               !
            pool         C
            0       c=====
            1        c======
            """
        ) {
            $0.size = 2
            $0.closeGrace = .seconds(3)
        }
    }

}
