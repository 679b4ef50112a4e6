// This source file is part of the Mainstay open source project
// SPDX-License-Identifier: Apache-2.0

extension String {
    /// The text in quotes, with escapes for what would make a terminal do something.
    var quoted: String {
        var text = "\""
        for scalar in unicodeScalars {
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
