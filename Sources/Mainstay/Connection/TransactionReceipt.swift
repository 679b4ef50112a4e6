// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// By what another connection finds out what became of a transaction whose COMMIT was not answered.
///
/// A type of the driver's own. It is asked for while the transaction is open, and travels to a new connection.
public protocol TransactionReceipt: Sendable {}
