import Logging
import MartletModel

extension LogLine {
    /// `{"time":…,"level":…,"label":…,"message":…,"metadata":{…}}`
    mutating func writeJSON(
        _ time: Int64, _ level: Logger.Level, _ label: String, _ message: String, _ metadata: Logger.Metadata
    ) {
        append("{\"time\":\"")
        appendTimestamp(time)
        append("\",\"level\":")
        appendJSON(level.rawValue)
        append(",\"label\":")
        appendJSON(label)
        append(",\"message\":")
        appendJSON(message)
        append(",\"metadata\":")
        appendJSON(metadata, depth: 0)
        append("}\n")
    }

    /// Deeper metadata is left out: closing brackets have a bounded room.
    private static var depthLimit: Int { 8 }

    private mutating func appendJSON(_ metadata: Logger.Metadata, depth: Int) {
        append(UInt8(ascii: "{"))
        var isFirst = true
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            // An entry begins only where its key fits whole, with the start of a value.
            guard depth < Self.depthLimit, hasRoom(for: 6 * key.utf8.count + 32) else { break }
            if !isFirst { append(UInt8(ascii: ",")) }
            isFirst = false
            appendJSON(key)
            append(UInt8(ascii: ":"))
            appendJSON(value, depth: depth + 1)
        }
        append(UInt8(ascii: "}"))
    }

    private mutating func appendJSON(_ value: Logger.MetadataValue, depth: Int) {
        switch value {
        case .string(let text): appendJSON(text)
        case .stringConvertible(let number as any FixedWidthInteger & Sendable): appendNumber(number.description)
        case .stringConvertible(let other): appendJSON(other.description)
        case .dictionary(let metadata): appendJSON(metadata, depth: depth)
        case .array(let values):
            append(UInt8(ascii: "["))
            var isFirst = true
            for value in values {
                guard depth < Self.depthLimit, hasRoom(for: 32) else { break }
                if !isFirst { append(UInt8(ascii: ",")) }
                isFirst = false
                appendJSON(value, depth: depth + 1)
            }
            append(UInt8(ascii: "]"))
        }
    }

    /// The caller has left room for 32 bytes; 128-bit integers may have more, and become strings.
    private mutating func appendNumber(_ digits: String) {
        guard digits.utf8.count <= 20 else { return appendJSON(digits) }
        for byte in digits.utf8 { append(byte) }
    }

    mutating func appendJSON(_ text: String) {
        append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { bytes in
            // Most texts stand in the line as they are.
            if hasRoom(for: bytes.count), !bytes.contains(where: { mustBeEscaped($0) }) { return append(bytes) }
            for byte in bytes {
                // Cut between scalars, where the longest (4 bytes) or the longest escape (6) wouldn't fit.
                if byte & 0xC0 != 0x80 && !hasRoom(for: 6) { break }
                appendEscaped(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }

    /// RFC 8259, section 7.
    private mutating func appendEscaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case UInt8(ascii: "\n"): append("\\n")
        case UInt8(ascii: "\r"): append("\\r")
        case UInt8(ascii: "\t"): append("\\t")
        case ..<0x20:
            append("\\u00")
            append((byte >> 4).hexDigit)
            append(byte.hexDigit)
        default: append(byte)
        }
    }
}

private func mustBeEscaped(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
}
