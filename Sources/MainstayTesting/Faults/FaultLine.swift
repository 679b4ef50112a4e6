// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// How a connection through a proxy is secured.
public enum FaultLine: Sendable, Hashable, CaseIterable {
    /// Not at all, so that the proxy can read what passes.
    case plaintext
    /// By TLS, with the server's certificate verified.
    case tls
}
