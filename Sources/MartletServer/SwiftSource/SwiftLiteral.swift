import MartletModel

/// Values as Swift source.
enum SwiftLiteral {
    static func string(_ text: String) -> String {
        var literal = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": literal += "\\\""
            case "\\": literal += "\\\\"
            case "\n": literal += "\\n"
            case "\r": literal += "\\r"
            case "\t": literal += "\\t"
            case _ where isUnseen(scalar): literal += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            default: literal.unicodeScalars.append(scalar)
            }
        }
        return literal + "\""
    }

    /// Whether a reader of the source couldn't tell that it is there, or what it does to the text around it.
    private static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: true
        // One that combines with the quote before it would be no part of the literal.
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        default: false
        }
    }

    static func array(_ elements: [String]) -> String {
        "[\(elements.joined(separator: ", "))]"
    }

    static func length(_ length: ClosedRange<Int>) -> String {
        bounds(
            length.lowerBound == 0 && length.upperBound < .max ? nil : String(length.lowerBound),
            length.upperBound == .max ? nil : String(length.upperBound))
    }

    static func range(_ range: ValueRange) -> String {
        switch range {
        case .integers(let range):
            // One open end says as much; of two there would be no number left to say it with.
            let isOpen = range.lowerBound == .min && range.upperBound < .max
            return bounds(
                isOpen ? nil : String(range.lowerBound), range.upperBound == .max ? nil : String(range.upperBound))
        case .numbers(let range): return "\(number(range.lowerBound))...\(number(range.upperBound, isUpper: true))"
        }
    }

    private static func bounds(_ lower: String?, _ upper: String?) -> String {
        // An operator takes the minus sign behind it for a part of itself.
        let end = upper.map { $0.hasPrefix("-") ? "(\($0))" : $0 }
        return "\(lower ?? "")...\(end ?? "")"
    }

    private static func number(_ value: Double, isUpper: Bool = false) -> String {
        switch value {
        case .greatestFiniteMagnitude: "Double.greatestFiniteMagnitude"
        case -.greatestFiniteMagnitude: "-Double.greatestFiniteMagnitude"
        case _ where isUpper && value < 0: "(\(value))"
        default: "\(value)"
        }
    }

    /// As JSON has it, down to how a number is spelled.
    static func json(_ value: JSONValue) -> String {
        switch value {
        case .null: ".null"
        case .bool(let value): "\(value)"
        case .number(let spelling) where isLiteral(spelling): spelling
        case .number(let spelling): ".number(\(string(spelling)))"
        case .string(let text): string(text)
        case .array(let elements): array(elements.map(json))
        case .object(let members) where members.isEmpty: "[:]"
        case .object(let members): array(members.map { "\(string($0.name)): \(json($0.value))" })
        }
    }

    /// Whether Swift would keep the spelling, were it written as a literal.
    private static func isLiteral(_ spelling: String) -> Bool {
        Int(spelling).map { String($0) == spelling } ?? (Double(spelling).map { "\($0)" == spelling } ?? false)
    }
}
