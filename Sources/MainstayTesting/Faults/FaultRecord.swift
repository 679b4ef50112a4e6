// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Writes down what came of each fault, for people: into the file that `MAINSTAY_FAULT_RECORD` names, a line each.
enum FaultRecord {
    private static let file = Mutex(
        ProcessInfo.processInfo.environment["MAINSTAY_FAULT_RECORD"].flatMap { path in
            FileManager.default.createFile(atPath: path, contents: nil) ? FileHandle(forWritingAtPath: path) : nil
        }
    )

    static func note(_ fault: String, _ place: FaultPlace, _ database: String, _ outcome: FaultOutcome) {
        file.withLock { file in
            file?.write(Data("\(fault)\t\(place.rawValue)\t\(database)\t\(outcome.rawValue)\n".utf8))
        }
    }
}
