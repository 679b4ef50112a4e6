// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension TemporalText {
    /// Reads the value from a text in ISO 8601.
    static func decode(from decoder: any Decoder) throws -> Self {
        let container = try decoder.singleValueContainer()
        var text = try container.decode(String.self)
        let result = text.withUTF8 { bytes -> Result<Self, DatabaseError> in
            Result { () throws(DatabaseError) in try parse(UnsafeRawBufferPointer(bytes)) }
        }
        switch result {
        case .success(let value): return value
        case .failure(let error):
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: error.message,
                    underlyingError: error
                )
            )
        }
    }

    /// Writes the value as a text in ISO 8601.
    func encodeText(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(string(.interchange))
    }
}
