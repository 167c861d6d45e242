import Logging
import MartletModel

extension LogLine {
    /// `2024-05-06T07:08:09.123456Z info transport.http: listening address=http://127.0.0.1:8000`
    mutating func writeText(
        _ time: Int64, _ level: Logger.Level, _ label: String, _ message: String, _ metadata: Logger.Metadata
    ) {
        appendTimestamp(time)
        append(UInt8(ascii: " "))
        appendText(level.rawValue)
        append(UInt8(ascii: " "))
        appendText(label)
        append(": ")
        appendText(message)
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) where hasRoom(for: 8) {
            append(UInt8(ascii: " "))
            appendText(key)
            append(UInt8(ascii: "="))
            appendValue(Self.text(value))
        }
        append(UInt8(ascii: "\n"))
    }

    private static func text(_ value: Logger.MetadataValue) -> String {
        guard case .array(let values) = value else { return value.description }
        return values.map(\.description).joined(separator: ",")
    }

    /// Quoted where it would otherwise look like several.
    private mutating func appendValue(_ text: String) {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "\"") }
        if !isPlain { append(UInt8(ascii: "\"")) }
        appendText(text, escapesQuotes: !isPlain)
        if !isPlain { append(UInt8(ascii: "\"")) }
    }

    /// What a client sends must not reach the terminal as a command: control characters, C1 ones too, are written out.
    private mutating func appendText(_ text: String, escapesQuotes: Bool = false) {
        for scalar in text.unicodeScalars {
            guard hasRoom(for: 8) else { break }
            switch scalar.value {
            case 0x0A: append("\\n")
            case 0x22 where escapesQuotes: append("\\\"")
            case ..<0x20, 0x7F..<0xA0:
                append("\\u{")
                append(UInt8(scalar.value >> 4).hexDigit)
                append(UInt8(scalar.value).hexDigit)
                append("}")
            default:
                for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { append(byte) }
            }
        }
    }
}
