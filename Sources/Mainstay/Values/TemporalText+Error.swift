// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension TemporalText {
    /// What a fault means to the user. The text itself may be private, so it is no part of the message.
    @inline(never)
    static func error(
        _ fault: TextFault,
        in text: UnsafeRawBufferPointer,
        _ options: TemporalOptions
    ) -> DatabaseError {
        let quoted = String(decoding: text.prefix(64), as: UTF8.self)
        if let known = knownOddity(fault, in: text, options) {
            return DatabaseError(known.code, known.message, hint: known.hint, sensitiveDetail: quoted)
        }
        switch fault {
        case .malformed:
            return DatabaseError(.invalidValue, "not \(textForm)", sensitiveDetail: quoted)
        case .noSuchDay:
            return DatabaseError(.invalidValue, "the calendar has no such day", sensitiveDetail: quoted)
        case .noSuchTime:
            return DatabaseError(.invalidValue, "the day has no such time", sensitiveDetail: quoted)
        case .noZone:
            return DatabaseError(
                .invalidValue,
                "a time without its zone is no instant",
                hint: "Read LocalDateTime, or use a column type that keeps instants.",
                sensitiveDetail: quoted
            )
        case .tooFine:
            return DatabaseError(.overflow, "finer than a microsecond", sensitiveDetail: quoted)
        case .outOfRange:
            return DatabaseError(.overflow, "outside of the range of \(Self.self)", sensitiveDetail: quoted)
        }
    }

    /// What databases write though it is no date or time: asked only after a fault, so that good texts pay nothing.
    private static func knownOddity(
        _ fault: TextFault,
        in text: UnsafeRawBufferPointer,
        _ options: TemporalOptions
    ) -> (code: DatabaseError.Code, message: String, hint: String?)? {
        guard hasDate else {
            guard (try? scan(text, options.union(.endOfDay))) != nil else { return nil }
            return (.overflow, "24:00:00, the end of the day, is outside of the range of \(Self.self)", nil)
        }
        if text.elementsEqual("infinity".utf8) || text.elementsEqual("-infinity".utf8) {
            return (.overflow, "\(Self.self) has no infinity", "Ask with isfinite() first, or read a text.")
        }
        if fault == .noSuchDay, (try? scan(text, [.zeroDate, .assumingUTC])) != nil {
            return (.invalidValue, "MariaDB's zero date is no day of the calendar", "Use NULLIF, and read an optional.")
        }
        let era = " BC".utf8
        if text.count > era.count, text.suffix(era.count).elementsEqual(era) {
            let date = UnsafeRawBufferPointer(rebasing: text.dropLast(era.count))
            guard (try? scan(date, options.union(.beforeChrist))) != nil else { return nil }
            return (.overflow, "years before Christ are not read", "Read a text.")
        }
        return nil
    }
}
