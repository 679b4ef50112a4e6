// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// How many connections a pool has, how long things may take, and how connections are looked after.
///
/// What contradicts itself is refused with `invalidConfiguration` when the ``Database`` is created.
public struct PoolConfiguration: Sendable {
    // MARK: - Sizes

    /// The number of connections that the pool has under usual load; 1 to 10,000. For an SQLite file, the number of readers
    /// beside the one writer.
    ///
    /// By default 10, HikariCP's: a database serves a few connections with enough to do better than many with little.
    public var size = 10

    /// How many connections more may be open while all others are leased; 0 to 10,000. By default 0.
    ///
    /// `size` and `overflow` together are what the server sees at most: SQLAlchemy's `pool_size` and `max_overflow`.
    public var overflow = 0

    /// How many connections are opened ahead, so that they rest when someone comes; 0 to `size`. By default 0.
    public var minimumIdle = 0

    /// The largest number of tasks that wait; the next one gets `poolExhausted` at once. By default there is no limit.
    ///
    /// Those do not count for whom a connection is being opened or checked, or may be opened. A task whose connection
    /// is found dead before it is used keeps its place.
    ///
    /// A service that sheds load early stays up; one that queues without end serves only those who have given up.
    public var waiterLimit: Int?

    // MARK: - How long a scope waits

    /// How long a scope waits for a connection, opening and checking one included; 1 ms to a day. By default 30 s.
    public var acquireTimeout = Duration.seconds(30)

    /// How long opening a connection may take, authentication included; 1 ms to a day. By default 10 s.
    public var connectTimeout = Duration.seconds(10)

    /// How many connections are opened at the same time at most, while that succeeds; at least 1. By default 4.
    ///
    /// While it fails, it is one at a time: a server that comes back is not to be overrun.
    public var parallelConnects = 4

    // MARK: - How long connections live

    /// How long a connection may rest that `minimumIdle` does not ask for; 1 ms to 30 days, nil is for ever. By default ten
    /// minutes.
    public var idleTimeout: Duration? = .seconds(10 * 60)

    /// How long a connection may rest while more than `size` are open; 1 ms to 30 days. By default 30 s.
    ///
    /// SQLAlchemy closes such a connection when it comes back, and under steady load opens another one for each scope.
    public var overflowTimeout = Duration.seconds(30)

    /// How long a connection lives; 1 s to 30 days, nil is for ever. By default half an hour.
    ///
    /// A connection of old age misses what changed since: the address behind a name, the balance behind a proxy, the memory
    /// that the server has given it. Up to a quarter of it is taken off at random, from the first connections on, so that they do
    /// not go all at once.
    public var maxLifetime: Duration? = .seconds(30 * 60)

    // MARK: - How connections are looked after

    /// How long a connection rests before the next lease looks whether it is still there, without a round trip; from zero,
    /// which is always. By default zero.
    ///
    /// It costs about a microsecond on the scope's own thread, and finds nearly every connection that died while it rested.
    public var checkAfter = Duration.zero

    /// How long nothing was heard of the server before the next lease asks it for a sign of life first; nil is never. By
    /// default 30 s.
    ///
    /// That takes a round trip, and finds what looking can't: a peer that vanished without a word.
    public var pingAfter: Duration? = .seconds(30)

    /// How often a resting connection is pinged; from 1 ms, less than `maxLifetime`, nil is never. By default two minutes.
    ///
    /// Firewalls forget a silent connection after a few minutes. If the server says on connect how long it lets one rest, it is
    /// pinged more often than that. Up to a quarter is taken off at random.
    public var keepAlivePeriod: Duration? = .seconds(2 * 60)

    /// How long a ping may take before the connection is broken off; 1 ms to a day. By default 5 s.
    public var checkTimeout = Duration.seconds(5)

    /// When what a session left is put back before the next one. By default when it may have left something.
    public var resetPolicy = ResetPolicy.whenTouched

    /// How long rolling back and putting back may take before the connection is broken off; 1 ms to a day. By default 5 s.
    public var resetTimeout = Duration.seconds(5)

    /// Prepares each new connection, and each that was reset, before its first use: settings, for example.
    ///
    /// It runs on the connection's thread, and may take what opening the connection has left of ``connectTimeout``, but
    /// at least a second; then the connection is broken off. If it throws, the connection is closed, and the error is
    /// what opening the connection failed with; an error that is no ``DatabaseError`` is its cause. What it leaves in a
    /// transaction is committed.
    public var prepareConnection: (@Sendable (isolated Session) throws -> Void)?

    /// The largest number of prepared statements that each connection keeps; at least 1. By default 256.
    public var statementCacheCapacity = 256

    // MARK: - Beginning and end

    /// When the connections that `minimumIdle` asks for are opened. By default with the first scope.
    public var warmUp = WarmUp.onFirstUse

    /// How long a lease may take before it is reported, with the place where its scope begins; from 1 ms, nil is never. By
    /// default never.
    public var leakThreshold: Duration?

    /// How long closing waits for scopes that run before it breaks their connections off; zero to a day. By default 10 s.
    public var closeGrace = Duration.seconds(10)

    /// Creates a configuration with the defaults.
    public init() {}

    /// Creates a configuration with the sizes and times that are set most often.
    public init(
        size: Int = 10,
        overflow: Int = 0,
        minimumIdle: Int = 0,
        acquireTimeout: Duration = .seconds(30),
        connectTimeout: Duration = .seconds(10),
        statementCacheCapacity: Int = 256
    ) {
        self.size = size
        self.overflow = overflow
        self.minimumIdle = minimumIdle
        self.acquireTimeout = acquireTimeout
        self.connectTimeout = connectTimeout
        self.statementCacheCapacity = statementCacheCapacity
    }

    /// When a connection is reset before the next session gets it: settings, temporary tables, locks.
    ///
    /// What was not committed is rolled back in any case.
    public enum ResetPolicy: Sendable, Hashable {
        /// Never: a session finds what others left.
        case never
        /// When its statements may have left something; see <doc:Pooling>.
        case whenTouched
        /// After each lease. It takes a round trip, for which the scope does not wait.
        case always
    }

    /// When the first connections are opened.
    public enum WarmUp: Sendable, Hashable {
        /// With the first scope, or with ``Database/warmUp(_:fileID:line:)``.
        case onFirstUse
        /// When the database is created, without anyone waiting for it.
        case atStart
    }

    /// The largest number of connections at the same time.
    var limit: Int { size + overflow }

    /// The part of a lifetime or of a keep-alive period that chance may take off: a quarter, as HikariCP does since 6.2.
    static let jitter = 0.25
}
