// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Testing

/// Runs what fails because of a bug that is known. Once the bug is mended the test fails, and the bug's name is taken out.
func knownBug<Result>(_ bug: Comment, _ body: () async throws -> Result) async {
    await withKnownIssue(bug, isIntermittent: false, isolation: #isolation, sourceLocation: #_sourceLocation) {
        _ = try await body()
    }
}
