// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

/// A handle on a record of any type.
public protocol TrackedRecord: AnyObject {
    /// Where the handle stands with its session.
    var state: TrackedState { get }

    /// The table of the record.
    var schema: RecordSchema { get }
}
