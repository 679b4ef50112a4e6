// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension SessionContext {
    func executeScript(_ text: String) throws(DatabaseError) -> Int {
        try requireReady()
        let effect = ScriptEffect(of: text)
        guard !effect.isEmpty else { return 0 }
        guard !policy.isManaged || !effect.surelyControlsTransaction else { throw .scriptControlsTransaction }
        try participant?.flush(before: .statement)
        try begins()
        if effect.mayControlTransaction || !dialect.capabilities.contains(.transactionalDDL) && effect.mayCommit {
            transaction.mayCommit()
        }
        // A script can do anything, so the next lease must not find what it left.
        resource.isTouched = true
        let (affected, trace) = try completing { () throws(DatabaseError) in
            try resource.connection.executeScript(text, controlsTransactions: !policy.isManaged)
        }
        resource.forgetStatements()
        try requireOwnTransaction(after: trace, effect)
        return affected
    }

    /// Fails a managed scope whose script has ended the transaction, which the text did not show.
    ///
    /// Where DDL ends the transaction by itself, scripts with DDL are what such scopes are for.
    private func requireOwnTransaction(after trace: SessionTrace, _ effect: ScriptEffect) throws(DatabaseError) {
        guard policy.isManaged, trace.contains(.endedTransaction) else { return }
        guard dialect.capabilities.contains(.transactionalDDL) || effect.mayControlTransaction || !transaction.isIdle
        else { return }
        let error: DatabaseError =
            trace.contains(.committed)
            ? .partlyCommitted("the script ended the transaction of the scope, and what was done before is committed")
            : .scriptControlsTransaction
        transaction.wasEnded(error)
        throw error
    }
}
