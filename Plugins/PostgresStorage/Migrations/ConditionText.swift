import MartletSQL

/// The server's text of a check's condition, in which the column is called `value`: so that it is the same whatever the
/// column is called.
struct ConditionText {
    private let text: [UInt8]
    private var position = 0

    static func of(_ condition: String, on column: String) -> String {
        var scanner = ConditionText(text: Array(condition.utf8))
        var result: [UInt8] = []
        while let part = scanner.next() {
            let isColumn = part.elementsEqual(column.utf8) || part.elementsEqual(quotedIdentifier(column).utf8)
            result += isColumn ? Array("value".utf8) : Array(part)
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// A name, a quoted name or text as a whole, or any other byte.
    private mutating func next() -> ArraySlice<UInt8>? {
        guard position < text.count else { return nil }
        let start = position
        let first = text[start]
        position += 1
        if first == UInt8(ascii: "'") || first == UInt8(ascii: "\"") {
            // A doubled one is one inside: it ends a part and begins another, which is as good.
            while position < text.count, text[position] != first { position += 1 }
            position = min(position + 1, text.count)
        } else if Self.isOfName(first) {
            while position < text.count, Self.isOfName(text[position]) { position += 1 }
        }
        return text[start..<position]
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
            true
        default: false
        }
    }
}
