// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import MainstayTesting
import Testing

/// The proxy through which tests hurt connections, between two sockets that the test holds.
@Suite(.timeLimit(.minutes(2)))
struct FaultProxyTests {
    typealias Direction = FaultProxy.Direction

    /// For how long nothing must come, in milliseconds, where nothing is to come.
    private static let silence = 100

    /// More than the system's buffers hold, of which a piece that is lost or moved is noticed.
    private static func bytes(_ count: Int) -> [UInt8] {
        var bytes = (0..<997).map { UInt8(truncatingIfNeeded: $0 ^ ($0 >> 3)) }
        while bytes.count < count { bytes += bytes }
        return Array(bytes.prefix(count))
    }

    // MARK: Without faults

    @Test(arguments: Direction.allCases)
    func `everything passes, in order`(_ direction: Direction) throws {
        let bench = try ProxyBench()
        let link = try bench.link(direction)
        let bytes = Self.bytes(8 << 20)
        DispatchQueue.global().async { link.sender.send(bytes) }
        #expect(link.receiver.receive(bytes.count) == bytes)
        #expect(bench.proxy.accepted == 1)
        #expect(bench.proxy.open == 1)
    }

    @Test func `each side may end, and the other goes on`() throws {
        let bench = try ProxyBench()
        let (client, server) = try bench.connect()
        client.send("last")
        client.end()
        #expect(server.receive() == .text("last"))
        #expect(server.receive() == .end)
        server.send("answer")
        #expect(client.receive() == .text("answer"))
        #expect(bench.proxy.open == 1)
        server.end()
        #expect(client.receive() == .end)
        #expect(bench.isOpen(0))
    }

    @Test(arguments: Direction.allCases)
    func `who breaks the connection off breaks it off for the other`(_ direction: Direction) throws {
        let bench = try ProxyBench()
        let receiver: BlockingSocket
        do {
            let link = try bench.link(direction)
            receiver = link.receiver
            link.sender.resetAtEnd()
        }
        #expect(receiver.receive() == .reset)
        #expect(bench.isOpen(0))
    }

    @Test(arguments: Direction.allCases)
    func `who goes on sending to a side that is gone hears of it`(_ direction: Direction) throws {
        let bench = try ProxyBench()
        let sender: BlockingSocket
        do {
            let link = try bench.link(direction)
            sender = link.sender
            link.receiver.end()
        }
        #expect(sender.receive() == .end)
        #expect(bench.eventually { sender.send("anybody?") == nil })
        #expect(bench.isOpen(0))
    }

    @Test func `a client of a server that refuses is broken off`() throws {
        let (_, port) = try BlockingSocket.listen()
        let proxy = try FaultProxy(to: port)
        #expect(try BlockingSocket.connect(to: proxy.port).receive() == .reset)
    }

    // MARK: Faults

    @Test(arguments: Direction.allCases)
    func `delay makes each chunk wait, and keeps the order`(_ direction: Direction) throws {
        let bench = try ProxyBench()
        let link = try bench.link(direction)
        bench.proxy.inject(.delay(direction, .milliseconds(150)))
        let start = ContinuousClock.now
        link.sender.send("first ")
        bench.pause(.milliseconds(50))
        link.sender.send("second")
        link.sender.end()
        #expect(link.receiver.receive() == .text("first "))
        #expect(start.duration(to: .now) >= .milliseconds(150))
        #expect(link.receiver.receive() == .text("second"))
        #expect(start.duration(to: .now) >= .milliseconds(200))
        #expect(link.receiver.receive() == .end)

        link.receiver.send("back")
        #expect(link.sender.receive(within: 140) == .text("back"), "only one direction")
    }

    @Test(arguments: Direction.allCases)
    func `slice passes so many bytes at a time`(_ direction: Direction) throws {
        let bench = try ProxyBench()
        let link = try bench.link(direction)
        bench.proxy.inject(.slice(direction, bytes: 2, pause: .milliseconds(30)))
        let start = ContinuousClock.now
        link.sender.send("abcdefgh")
        #expect(link.receiver.receive(4) == Array("abcd".utf8))
        #expect(start.duration(to: .now) >= .milliseconds(30))
        #expect(link.receiver.receive(4) == Array("efgh".utf8))
        #expect(start.duration(to: .now) >= .milliseconds(90))

        bench.proxy.heal()
        link.sender.send("abcdefgh")
        #expect(link.receiver.receive() == .text("abcdefgh"))
    }

    @Test(arguments: Direction.allCases)
    func `a black hole swallows everything, the end as well`(_ direction: Direction) throws {
        let bench = try ProxyBench()
        let link = try bench.link(direction)
        #expect(bench.proxy.inject(.blackhole(direction)) == 1)
        let bytes = Self.bytes(20 << 20)
        #expect(link.sender.send(bytes) == bytes.count, "a black hole reads")
        link.sender.end()
        #expect(link.receiver.receive(within: Self.silence) == .nothing)
        link.receiver.send("back")
        #expect(link.sender.receive() == .text("back"), "only one direction")
        #expect(bench.proxy.open == 1)

        bench.proxy.heal()
        #expect(link.receiver.receive() == .end, "what was swallowed is lost, and the end is not")
    }

    @Test func `a black hole hides that the other side broke off`() throws {
        let bench = try ProxyBench()
        let server: BlockingSocket
        do {
            let (client, other) = try bench.connect()
            server = other
            bench.proxy.inject(.blackhole(nil))
            client.resetAtEnd()
        }
        server.send("anybody?")
        #expect(server.receive(within: Self.silence) == .nothing)
        bench.proxy.heal()
        #expect(server.receive() == .reset)
    }

    @Test(arguments: Direction.allCases)
    func `stall holds everything back until who sends can't go on`(_ direction: Direction) throws {
        let bench = try ProxyBench()
        let link = try bench.link(direction)
        bench.proxy.inject(.stall(direction))
        let bytes = Self.bytes(32 << 20)
        let sent = try #require(link.sender.send(bytes, within: 200))
        #expect(sent < bytes.count, "a stalled proxy reads nothing")
        #expect(link.receiver.receive(within: Self.silence) == .nothing)
        link.receiver.send("back")
        #expect(link.sender.receive() == .text("back"), "only one direction")

        bench.proxy.heal()
        #expect(link.receiver.receive(sent) == Array(bytes.prefix(sent)), "nothing is lost")
    }

    @Test func `a delay reads on, but not without bounds`() throws {
        let bench = try ProxyBench()
        let (client, _) = try bench.connect()
        bench.proxy.inject(.delay(.toServer, .seconds(60)))
        let bytes = Self.bytes(32 << 20)
        let sent = try #require(client.send(bytes, within: 200))
        #expect(sent >= 4 << 20)
        #expect(sent < bytes.count)
    }

    @Test func `reset breaks off on both sides`() throws {
        let bench = try ProxyBench()
        let (client, server) = try bench.connect()
        #expect(bench.proxy.inject(.reset) == 1)
        #expect(client.receive() == .reset)
        #expect(server.receive() == .reset)
        #expect(bench.proxy.open == 0)
    }

    @Test func `close ends in good order on both sides, and hears nothing more`() throws {
        let bench = try ProxyBench()
        let (client, server) = try bench.connect()
        bench.proxy.inject(.stall(nil))
        client.send("unread")
        bench.pause(.milliseconds(20))
        bench.proxy.inject(.close)
        #expect(client.receive() == .end)
        #expect(server.receive() == .end)
        #expect(bench.proxy.open == 0)
        #expect(client.send("too late") != nil, "a FIN, and no RST yet")
        #expect(bench.eventually { client.send("too late") == nil })
    }

    @Test(arguments: Direction.allCases)
    func `corrupt flips one bit of one chunk`(_ direction: Direction) throws {
        let bench = try ProxyBench()
        let link = try bench.link(direction)
        bench.proxy.inject(.corrupt(direction))
        link.receiver.send("fine")
        #expect(link.sender.receive() == .text("fine"), "only one direction")
        link.sender.send("abcde")
        #expect(link.receiver.receive() == .text("abbde"))
        link.sender.send("abcde")
        #expect(link.receiver.receive() == .text("abcde"))
    }

    // MARK: Triggers

    @Test(arguments: Direction.allCases)
    func `bytes: exactly so many are delivered`(_ direction: Direction) throws {
        let bench = try ProxyBench()
        let injection = bench.proxy.inject(.reset, when: .bytes(direction, 7))
        let link = try bench.link(direction)
        link.receiver.send("does not count")
        #expect(link.sender.receive() == .text("does not count"))
        link.sender.send("abcd")
        #expect(link.receiver.receive() == .text("abcd"))
        #expect(!injection.hasFired)
        link.sender.send("efghij")
        #expect(link.receiver.receive() == .text("efg"))
        #expect(link.receiver.receive() == .reset)
        #expect(link.sender.receive() == .reset)
        #expect(injection.count == 1)

        let other = try bench.link(direction)
        other.sender.send("abcdefghij")
        #expect(other.receiver.receive() == .text("abcdefghij"), "once is once")
    }

    @Test func `bytes: once on each connection`() throws {
        let bench = try ProxyBench()
        let injection = bench.proxy.inject(.corrupt(.toServer), when: .bytes(.toServer, 2), times: 9)
        for index in 1...2 {
            let (client, server) = try bench.connect()
            client.send("ab")
            #expect(server.receive() == .text("ab"))
            client.send("cd")
            #expect(server.receive() == .text("ce"))
            #expect(injection.count == index)
        }
    }

    @Test func `bytes: the fault befalls the rest`() throws {
        let bench = try ProxyBench()
        let (client, server) = try bench.connect()
        bench.proxy.inject(.blackhole(.toServer), when: .bytes(.toServer, 3))
        bench.proxy.inject(.stall(.toClient), when: .bytes(.toClient, 3), times: 2)
        client.send("abcdef")
        #expect(server.receive() == .text("abc"))
        #expect(server.receive(within: Self.silence) == .nothing)
        server.send("abcdef")
        #expect(client.receive() == .text("abc"))
        #expect(client.receive(within: Self.silence) == .nothing)
        bench.proxy.heal()
        #expect(client.receive() == .text("def"))
        client.send("ghi")
        #expect(server.receive() == .text("ghi"))
    }

    @Test(arguments: Direction.allCases)
    func `text: before it is delivered`(_ direction: Direction) throws {
        let bench = try ProxyBench()
        let link = try bench.link(direction)
        let injection = bench.proxy.inject(.reset, when: .text(direction, "COMMIT", .before))
        link.receiver.send("COMMIT")
        #expect(link.sender.receive() == .text("COMMIT"), "only one direction")
        for piece in ["INSERT", "xCOM"] {
            link.sender.send(piece)
            #expect(link.receiver.receive() == .text(piece))
        }
        #expect(!injection.hasFired)
        link.sender.send("MIT\0")
        #expect(link.receiver.receive() == .reset)
        #expect(link.sender.receive() == .reset)
        #expect(injection.count == 1)
    }

    @Test func `text: before it is delivered, the fault befalls it`() throws {
        let bench = try ProxyBench()
        let (client, server) = try bench.connect()
        let delay = Fault.delay(.toServer, .milliseconds(150))
        let injection = bench.proxy.inject(delay, when: .text(.toServer, "COMMIT", .before), times: 2)
        let start = ContinuousClock.now
        client.send("COMMIT")
        #expect(server.receive() == .text("COMMIT"))
        #expect(start.duration(to: .now) >= .milliseconds(150))
        #expect(injection.count == 1, "a chunk counts once")
        bench.proxy.heal()

        bench.proxy.inject(.blackhole(.toServer), when: .text(.toServer, "COMMIT", .before))
        client.send("COMMIT")
        #expect(server.receive(within: Self.silence) == .nothing)
    }

    @Test(arguments: Direction.allCases)
    func `text: after it was delivered`(_ direction: Direction) throws {
        let bench = try ProxyBench()
        let link = try bench.link(direction)
        let injection = bench.proxy.inject(.reset, when: .text(direction, "COMMIT", .after))
        link.sender.send("xCOM")
        #expect(link.receiver.receive() == .text("xCOM"))
        #expect(!injection.hasFired)
        link.sender.send("MIT\0")
        #expect(link.receiver.receive() == .text("MIT\0"), "to the chunk's end")
        #expect(link.receiver.receive() == .reset)
        #expect(link.sender.receive() == .reset)
        #expect(injection.count == 1)
    }

    @Test(arguments: Direction.allCases)
    func `text: when it is answered`(_ direction: Direction) throws {
        let bench = try ProxyBench()
        let link = try bench.link(direction)
        let injection = bench.proxy.inject(.reset, when: .text(direction, "COMMIT", .answered))
        link.receiver.send("on its way already, ")
        link.sender.send("COM")
        #expect(link.receiver.receive() == .text("COM"))
        link.sender.send("MIT\0")
        #expect(link.receiver.receive() == .text("MIT\0"))
        #expect(!injection.wait(timeout: .milliseconds(Self.silence)), "nobody has answered")
        link.receiver.send("done")
        #expect(link.sender.receive() == .text("on its way already, "))
        #expect(link.sender.receive() == .reset)
        #expect(link.receiver.receive() == .reset)
        #expect(injection.count == 1)
    }

    @Test func `text: an answer that is held back is delivered once healed`() throws {
        let bench = try ProxyBench()
        let (client, server) = try bench.connect()
        bench.proxy.inject(.stall(.toClient), when: .text(.toServer, "COMMIT", .answered))
        client.send("COMMIT")
        #expect(server.receive() == .text("COMMIT"))
        server.send("done")
        #expect(client.receive(within: Self.silence) == .nothing)
        bench.proxy.heal()
        #expect(client.receive() == .text("done"))
    }

    @Test func `accepted: only later connections, as often as said`() throws {
        let bench = try ProxyBench()
        let (client, server) = try bench.connect()
        let injection = bench.proxy.inject(.reset, when: .accepted, times: 2)
        for _ in 0..<2 {
            #expect(try BlockingSocket.connect(to: bench.proxy.port).receive() == .reset)
        }
        #expect(bench.listener.accept(within: Self.silence) == nil, "the server was not asked")
        #expect(injection.count == 2)
        #expect(bench.proxy.accepted == 3)
        #expect(bench.proxy.open == 1)
        client.send("through")
        #expect(server.receive() == .text("through"))
        let other = try bench.connect()
        other.client.send("through")
        #expect(other.server.receive() == .text("through"))
    }

    @Test func `accepted: faults that last`() throws {
        let bench = try ProxyBench()
        bench.proxy.inject(.blackhole(nil), when: .accepted)
        let (client, server) = try bench.connect()
        client.send("hello?")
        server.send("hello?")
        #expect(client.receive(within: Self.silence) == .nothing)
        #expect(server.receive(within: Self.silence) == .nothing)
    }

    // MARK: The proxy

    @Test func `heal forgets triggers`() throws {
        let bench = try ProxyBench()
        let (client, server) = try bench.connect()
        let injections = [
            bench.proxy.inject(.reset, when: .text(.toServer, "COMMIT", .after), times: 9),
            bench.proxy.inject(.reset, when: .bytes(.toServer, 3), times: 9),
            bench.proxy.inject(.reset, when: .accepted, times: 9),
        ]
        bench.proxy.heal()
        client.send("COMMIT")
        #expect(server.receive() == .text("COMMIT"))
        let other = try bench.connect()
        other.client.send("COMMIT")
        #expect(other.server.receive() == .text("COMMIT"))
        #expect(injections.allSatisfy { !$0.hasFired })
    }

    @Test func `heal forgets an answer that was awaited`() throws {
        let bench = try ProxyBench()
        let (client, server) = try bench.connect()
        bench.proxy.inject(.reset, when: .text(.toServer, "COMMIT", .answered))
        client.send("COMMIT")
        #expect(server.receive() == .text("COMMIT"))
        bench.proxy.heal()
        server.send("done")
        #expect(client.receive() == .text("done"))
    }

    @Test func `refuse leaves open connections alone, and accept takes the same port`() throws {
        let bench = try ProxyBench()
        let (client, server) = try bench.connect()
        for _ in 0..<3 {
            bench.proxy.refuse()
            bench.proxy.refuse()
            let error = #expect(throws: POSIXError.self) { try BlockingSocket.connect(to: bench.proxy.port) }
            #expect(error?.code == .ECONNREFUSED)
            client.send("through")
            #expect(server.receive() == .text("through"))
            try bench.proxy.accept()
            try bench.proxy.accept()
            let other = try bench.connect()
            other.server.send("through")
            #expect(other.client.receive() == .text("through"))
        }
        #expect(bench.proxy.accepted == 4)
    }

    @Test func `stop ends everything, and what comes after it does nothing`() throws {
        let bench = try ProxyBench()
        let (client, server) = try bench.connect()
        bench.proxy.stop()
        bench.proxy.stop()
        #expect(client.receive() == .end)
        #expect(server.receive() == .end)
        #expect(throws: POSIXError.self) { try BlockingSocket.connect(to: bench.proxy.port) }
        #expect(bench.proxy.inject(.reset) == 0)
        bench.proxy.heal()
        bench.proxy.refuse()
        try bench.proxy.accept()
        #expect(throws: POSIXError.self) { try BlockingSocket.connect(to: bench.proxy.port) }
        #expect(bench.proxy.open == 0)
    }

    @Test func `an injection is waited for`() async throws {
        let bench = try ProxyBench()
        let injection = bench.proxy.inject(.delay(nil, .zero), when: .text(.toServer, "!", .after), times: 2)
        #expect(await !injection.fired(within: .milliseconds(20)))
        #expect(!injection.wait(timeout: .milliseconds(20)))
        let (client, server) = try bench.connect()
        async let first = injection.fired()
        async let second = injection.fired(times: 2)
        client.send("!")
        #expect(await first)
        #expect(injection.count == 1)
        #expect(await !injection.fired(within: .milliseconds(20), times: 2))
        #expect(server.receive() == .text("!"))
        client.send("!")
        #expect(await second)
        #expect(injection.wait(times: 2))
    }

    #if os(Linux)
    /// Other tests open and close files and threads meanwhile, but not two hundred.
    @Test func `nothing is left of a hundred proxies and connections`() throws {
        func count(_ folder: String) throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/\(folder)").count
        }
        let descriptors = try count("fd")
        let threads = try count("task")
        var bench = try ProxyBench()
        for index in 0..<100 {
            let (client, server) = try bench.connect()
            switch index % 5 {
            case 0: bench.proxy.inject(.reset)
            case 1: bench.proxy.inject(.close)
            case 2: bench.proxy.inject(.blackhole(nil))
            case 3: client.resetAtEnd()
            default: server.end()
            }
            if index % 5 == 4 { bench = try ProxyBench() }
        }
        #expect(bench.eventually { (try? count("fd")) ?? .max < descriptors + 40 })
        #expect(bench.eventually { (try? count("task")) ?? .max < threads + 10 })

        let one = try ProxyBench()
        for _ in 0..<100 {
            let (client, server) = try one.connect()
            one.proxy.inject(.reset)
            #expect(client.receive() == .reset)
            #expect(server.receive() == .reset)
        }
        #expect(bench.eventually { (try? count("fd")) ?? .max < descriptors + 40 })
    }
    #endif
}
