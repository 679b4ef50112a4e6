// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation

extension SessionContext {
    /// Whether a transaction that begins now is to leave a receipt.
    var keepsReceipt: Bool {
        policy.commitResolution.method == .byServer && options.access == .readWrite
            && dialect.capabilities.contains(.commitOutcomes)
    }

    func commit() throws(DatabaseError) {
        try requireOpen()
        abandonPending()
        if let participant {
            // A failed transaction has nothing to write any more.
            if case .failed = transaction.phase {} else { try participant.flush(before: .boundary) }
        }
        switch transaction.phase {
        case .idle:
            participant?.transactionEnded(isCommitted: true)
        case .failed(let cause):
            rollback()
            // It may have been committed the first time, or partly.
            let isToldAsItIs = cause.code == .commitOutcomeUnknown || cause.code == .partlyCommitted
            throw isToldAsItIs ? cause : .rolledBack(because: cause)
        case .active:
            try resource.requireNotBrokenOff()
            let proof = try proofOfCommit()
            // From here on it ends as the server says, also if the task is cancelled.
            try cancellation?.begins(policy.limits, isShielded: true)
            do {
                try resource.connection.commit()
                cancellation?.ends()
                _ = resource.takeTrace()
                transaction.committed()
                participant?.transactionEnded(isCommitted: true)
            } catch {
                try endCommit(error, proof)
            }
        }
    }

    /// A COMMIT failed: finds out what became of it where that can be told.
    private func endCommit(_ error: DatabaseError, _ proof: CommitProof) throws(DatabaseError) {
        let reason = cancellation?.ends()
        if error.code == .commitNotReplicated {
            if !error.isConnectionUsable { knowsOfLoss = true }
            transaction.committed()
            participant?.transactionEnded(isCommitted: true)
            throw error
        }
        guard error.code == .commitOutcomeUnknown else {
            if !error.isConnectionUsable { knowsOfLoss = true }
            transaction.failed(error, server: resource.connection.transactionState)
            throw error
        }
        let asked = environment.clock.now()
        let hadSettings = resource.isTouched
        let outcome = outcome(of: proof)
        if options.access == .readWrite { policy.resolved?(outcome, environment.clock.now() - asked) }
        knowsOfLoss = outcome != .committed
        switch outcome {
        case .committed:
            hasLostSettings = hadSettings
            transaction.committed()
            participant?.transactionEnded(isCommitted: true)
        case .rolledBack:
            let lost = DatabaseError(
                .connectionLost,
                "the connection was lost during COMMIT, and the transaction was found to be rolled back",
                sqlState: error.sqlState,
                nativeCode: error.nativeCode,
                cause: error.cause
            )
            transaction.failed(lost, server: .unknown)
            throw lost
        case .pending, .unknown:
            // Whatever the scope goes on to do, it is not run again.
            if options.access == .readWrite { transaction.commitLost() }
            transaction.failed(error, server: .unknown)
            throw reason.map(error.causedBy) ?? error
        }
    }

    // MARK: - Finding out

    /// Gets what it takes to find out later what became of the transaction.
    private func proofOfCommit() throws(DatabaseError) -> CommitProof {
        guard options.access == .readWrite else { return .none }
        switch policy.commitResolution.method {
        case .never:
            return .none
        case .byServer:
            guard dialect.capabilities.contains(.commitOutcomes) else { return .none }
            try cancellation?.begins(policy.limits)
            do {
                let receipt = try resource.connection.receipt()
                cancellation?.ends()
                return receipt.map { .receipt($0) } ?? .nothingWritten
            } catch {
                guard error.code == .unsupported, resource.connection.transactionState == .active else {
                    throw failed(error)
                }
                // A server that looks like one that can tell, and can't, commits all the same.
                cancellation?.ends()
                return .none
            }
        case .byToken(let table):
            // Its answer is never lost.
            guard dialect.capabilities.contains(.server) else { return .none }
            let token = CommitToken(table: table, environment.random)
            do {
                _ = try run(token.row(now: .secondsSince1970), reading: .all) { _ in }
            } catch {
                guard error.code == .undefinedObject else { throw error }
                throw error.hinting("Database.createCommitTable() makes the table of commitResolution")
            }
            return .token(token)
        }
    }

    /// Finds out, on a new connection and for as long as the policy says, what became of a transaction.
    private func outcome(of proof: CommitProof) -> TransactionOutcome {
        switch proof {
        // Of what has written nothing it does not matter.
        case .nothingWritten: return .rolledBack
        case .none: return .unknown
        case .receipt, .token: break
        }
        var end = environment.clock.now() + policy.commitResolution.timeout
        if let deadline = policy.limits.deadline { end = min(end, deadline) }
        let lost = resource.connection.interrupter
        var attempt = 1
        while environment.clock.now() < end, !resource.isBrokenOff {
            do {
                if !resource.connection.isUsable { try resource.reopen(within: end - environment.clock.now()) }
                let outcome = try ask(about: proof, of: lost, until: end)
                if outcome != .pending { return outcome }
            } catch {
                // The tombstone's own COMMIT may meet the same fate; the next one finds out about that as well.
                guard error.isTransient || error.code == .commitOutcomeUnknown else { return .unknown }
            }
            environment.pause(min(pause(before: attempt), end - environment.clock.now()))
            attempt += 1
        }
        return .unknown
    }

    private var environment: PoolEnvironment { resource.environment }

    private func pause(before attempt: Int) -> Duration {
        environment.backoff.pause(beforeAttempt: attempt, random: environment.random)
    }

    /// Asks once. The connection is not that of the transaction any more.
    private func ask(
        about proof: CommitProof,
        of lost: any Interrupter,
        until end: Duration
    ) throws(DatabaseError) -> TransactionOutcome {
        // Not stopped with the task: who asks for a COMMIT is to be told what became of it.
        let watch = Cancellation(resource, environment)
        resource.watch.begin(watch)
        defer { cancellation.map(resource.watch.begin) }
        let limits = SessionLimits(deadline: end, scopeTimeout: policy.commitResolution.timeout)
        let asking = SessionContext(
            resource,
            options: TransactionOptions(),
            isReadOnlyScope: false,
            policy: SessionPolicy(limits: limits),
            cancellation: watch
        )
        defer { asking.close() }
        switch proof {
        case .nothingWritten, .none:
            return .unknown
        case .receipt(let receipt):
            try watch.begins(limits)
            defer { watch.ends() }
            return try resource.connection.outcome(of: receipt)
        case .token(let token):
            do {
                // Else the tombstone could wait for a connection that the server takes for a living one.
                try asking.terminate(lost)
                _ = try asking.run(token.tombstone(now: .secondsSince1970), reading: .all) { _ in }
                try asking.commit()
                return .rolledBack
            } catch {
                guard error.code == .uniqueViolation else { throw error }
                asking.rollback()
                let kind = Query<Int16>(asking, token.question, .values())
                return token.outcome(kind: try kind.oneOrNil())
            }
        }
    }

    private func terminate(_ lost: any Interrupter) throws(DatabaseError) {
        try cancellation?.begins(policy.limits)
        defer { cancellation?.ends() }
        try resource.connection.terminate(lost)
    }
}

extension DatabaseError {
    static func rolledBack(because cause: DatabaseError) -> DatabaseError {
        DatabaseError(
            .transactionRolledBack,
            "the transaction could not be committed, because a statement in it had failed; it was rolled back",
            isTransient: cause.isTransient,
            isConnectionUsable: cause.isConnectionUsable,
            cause: cause
        )
    }
}

extension Int64 {
    /// The time now, for rows that are removed some day.
    fileprivate static var secondsSince1970: Int64 { Int64(Date().timeIntervalSince1970) }
}
