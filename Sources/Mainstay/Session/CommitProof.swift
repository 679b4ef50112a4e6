// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// By what is found out what became of a transaction whose COMMIT was not answered.
enum CommitProof: Sendable {
    /// Nothing was written, so that it does not matter.
    case nothingWritten
    /// The server keeps a record of it.
    case receipt(any TransactionReceipt)
    /// A row of the transaction's own.
    case token(CommitToken)
    /// It can't be found out.
    case none
}
