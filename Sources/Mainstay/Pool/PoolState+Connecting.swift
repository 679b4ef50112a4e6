// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension PoolState {
    /// How long everyone gets an error at once that waiting does not cure: a server that is asked with a wrong password by each
    /// of a thousand tasks may block the host.
    static let refusalMemory = Duration.seconds(1)

    /// How long preparing a connection may take at least, however long opening it took.
    static let shortestPreparation = Duration.seconds(1)

    /// The part of the time that the server lets a connection be silent after which it is pinged at the latest.
    private static let silenceShare = 0.8

    // MARK: - Events

    /// Connections are opened ahead from now on, as many as `minimumIdle` asks for.
    mutating func start(now time: Duration) -> [Action] {
        advance(time)
        defer { checkInvariants() }
        isStarted = true
        return serve()
    }

    /// A connection is there, and is to be prepared. `opened` or `openFailed` follows.
    mutating func connected(_ id: SlotID, now time: Duration) -> [Action] {
        advance(time)
        defer { checkInvariants() }
        guard let slot = slots[id], slot.phase == .connecting else { return [] }
        let end = max(slot.since + configuration.connectTimeout, now + Self.shortestPreparation)
        slots.change(id) { slot in
            slot.preparedBy = end
            // Whatever was to be interrupted before was not this.
            slot.isReported = false
        }
        wake(at: end)
        return isGraceOver ? [.interruptConnecting(id)] : []
    }

    /// A connection was opened, and prepared.
    ///
    /// - Parameter silenceLimit: How long the server lets the connection be silent; nil is for ever, or unknown.
    mutating func opened(_ id: SlotID, silenceLimit: Duration? = nil, now time: Duration) -> [Action] {
        advance(time)
        defer { checkInvariants() }
        guard let slot = slots[id], slot.phase == .connecting else { return [] }
        totals.connects += 1
        totals.connectTime += now - slot.since
        // What breaks it off may come as late as its first lease, which is not to be hit by it.
        if slot.isReported { return [close(id, .lost)] + afterFailure(.preparationTimeout) }
        hasConnected = true
        failures = 0
        lastFailure = nil
        retryAt = nil
        refusal = nil
        begin(id, silenceLimit: silenceLimit)
        return cameBack(id, .unused)
    }

    /// A connection could not be opened.
    mutating func openFailed(_ id: SlotID, _ error: DatabaseError, now time: Duration) -> [Action] {
        advance(time)
        defer { checkInvariants() }
        guard let slot = slots[id], slot.phase == .connecting else { return [] }
        totals.failedConnects += 1
        totals.connectTime += now - slot.since
        slots.remove(id)
        return afterFailure(error)
    }

    /// Sees to it that another connection is opened later, or tells those who wait why not.
    private mutating func afterFailure(_ error: DatabaseError) -> [Action] {
        lastFailure = error
        // Attempts that were under way together fail together, and are one failure.
        if now >= retryAt ?? now {
            failures += 1
            let pause = backoff.pause(beforeAttempt: failures) { generator.unit() }
            retryAt = now + pause
            wake(at: retryAt)
        }
        // A wrong password does not get right by waiting.
        if !error.isTransient {
            refusal = Refusal(error: error, until: now + Self.refusalMemory)
            retryAt = nil
            return failAll(error) + serve()
        }
        // A pool that never had a connection is more likely misconfigured than unlucky. One that had keeps its waiters through
        // an outage, until their deadline. A server that says it is starting up is there.
        guard hasConnected || error.code == .serverUnavailable else { return failAll(error) + serve() }
        return serve()
    }

    /// A connection was closed.
    mutating func closed(_ id: SlotID, now time: Duration) -> [Action] {
        advance(time)
        defer { checkInvariants() }
        guard slots.has(id, in: .closing) else { return [] }
        slots.remove(id)
        return serve()
    }

    // MARK: - What is wanted

    /// Opens connections as long as more are wanted.
    mutating func connect() -> [Action] {
        var actions: [Action] = []
        while wantsConnection {
            let id = slots.add(outages: outages, now: now)
            actions.append(.open(id))
            wake(at: now + configuration.connectTimeout)
            if slots.open > configuration.size, let oldest = idle.first { wake(at: nextUpkeep(of: oldest)) }
        }
        return actions
    }

    /// Whether one more connection is to be opened now.
    private var wantsConnection: Bool {
        guard !isRefusing, !isSuspended, slots.count < limit else { return false }
        let connecting = slots.count(.connecting)
        guard
            isShortForWaiters(connecting: connecting) || isShortAhead(connecting: connecting)
                || slots.open < wantedWarm
        else { return false }
        if let retryAt, now < retryAt { return false }
        if let refusal, now < refusal.until { return false }
        // Until one has succeeded, and while they fail, one at a time.
        let isHealthy = hasConnected && failures == 0
        return connecting < (isHealthy ? configuration.parallelConnects : 1)
    }

    /// Whether someone waits for whom nothing is under way that is likely to come soon: whichever comes first serves
    /// the first who waits. A suspect may well be silent, and a reset may take its time, so that neither counts.
    private func isShortForWaiters(connecting: Int) -> Bool {
        guard waiters.count > connecting else { return false }
        return waiters.count > connecting + slots.count(.checking) - suspectsInCheck
    }

    /// Whether fewer rest, or are about to, than are to be opened ahead of those who wait.
    private func isShortAhead(connecting: Int) -> Bool {
        guard isStarted, refusal == nil else { return false }
        let ahead = configuration.minimumIdle - (idle.count - overdue)
        return ahead > 0 && waiters.count + ahead > connecting + slots.count(.checking) + slots.count(.resetting)
    }

    /// How many connections are being pinged because they were last known to be alive before the latest outage.
    private var suspectsInCheck: Int {
        guard outages > 0, slots.count(.checking) > 0 else { return 0 }
        return slots.all.count { $0.phase == .checking && $0.outages < outages }
    }

    /// A connection begins its life, or another one in its place.
    mutating func begin(_ id: SlotID, silenceLimit: Duration?) {
        let lifetime = isPermanent ? nil : configuration.maxLifetime.map { jittered($0) }
        let period = configuration.keepAlivePeriod.map { period in
            silenceLimit.map { min(period, $0 * Self.silenceShare) } ?? period
        }
        slots.change(id) { slot in
            slot.lastUsed = now
            slot.retireAt = lifetime.map { now + $0 }
            slot.pingPeriod = period
        }
        newPingPause(id)
        noteAlive(id)
    }

    /// Has chance say when the connection is pinged next.
    mutating func newPingPause(_ id: SlotID) {
        let pause = slots[id]?.pingPeriod.map { jittered($0) }
        slots.change(id) { $0.pingPause = pause }
    }

    /// The server was heard of.
    mutating func noteAlive(_ id: SlotID) {
        slots.change(id) { slot in
            slot.lastAlive = now
            slot.pingAt = slot.pingPause.map { now + $0 }
        }
    }

    /// A connection was lost. If it was thought to be alive, all others that are older are suspect from now on; one outage
    /// counts once.
    mutating func noteLoss(of id: SlotID) {
        guard slots[id]?.outages == outages else { return }
        outages += 1
        totals.outages += 1
    }

    private mutating func failAll(_ error: DatabaseError) -> [Action] {
        defer { waiters.removeAll() }
        return waiters.map { .fail($0.id, error) } + failWarmUps(error)
    }
}

extension DatabaseError {
    fileprivate static let preparationTimeout = DatabaseError(
        .cannotConnect,
        "preparing a new connection took longer than the connect timeout allows",
        hint: "keep prepareConnection short, or raise connectTimeout"
    )
}
