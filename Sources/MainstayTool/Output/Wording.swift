// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension String {
    /// The text in quotes, with escapes for what would make a terminal do something; of a long one, the end.
    var quoted: String {
        let limit = 400
        var text = unicodeScalars.count > limit ? "\"…" : "\""
        for scalar in unicodeScalars.suffix(limit) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                text += "\\u{\(String(scalar.value, radix: 16))}"
            default:
                text += scalar.escaped(asASCII: false)
            }
        }
        return text + "\""
    }
}

extension BinaryInteger {
    /// The number of things, as in `1 file` and `2 files`.
    func counted(_ thing: String, _ things: String? = nil) -> String {
        "\(grouped) \(self == 1 ? thing : things ?? thing + "s")"
    }

    /// The number with a comma between thousands.
    var grouped: String {
        var text = ""
        let digits = String(magnitude)
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return self < 0 ? "-" + text : text
    }
}
