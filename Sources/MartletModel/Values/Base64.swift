/// The base64 of RFC 4648, section 4, with padding. Every sequence of bytes has one text, and no other is read.
package enum Base64 {
    /// Appends the bytes that a text spells.
    /// - Returns: False for a text that ``encode(_:to:)`` never writes; `bytes` is as before then.
    package static func decode(_ text: UnsafeRawBufferPointer, appendingTo bytes: inout [UInt8]) -> Bool {
        guard text.count % 4 == 0 else { return false }
        guard !text.isEmpty else { return true }
        let padding = text[text.count - 1] != pad ? 0 : text[text.count - 2] != pad ? 1 : 2
        // Decoded aside, as an array that is appended to byte by byte checks its room for each.
        return withUnsafeTemporaryAllocation(byteCount: text.count / 4 * 3, alignment: 1) { buffer in
            for group in 0..<text.count / 4 {
                let isLast = group == text.count / 4 - 1
                guard let bits = bits(text, at: group * 4, padding: isLast ? padding : 0) else { return false }
                for index in 0..<3 {
                    buffer[group * 3 + index] = UInt8(truncatingIfNeeded: bits >> (16 - 8 * UInt32(index)))
                }
            }
            bytes.append(contentsOf: buffer[..<(buffer.count - padding)])
            return true
        }
    }

    /// The length of the text of so many bytes.
    package static func encodedLength(_ count: Int) -> Int {
        (count + 2) / 3 * 4
    }

    /// Writes ``encodedLength(_:)`` bytes of ASCII.
    /// - Precondition: `text` has room for them.
    package static func encode(_ bytes: UnsafeRawBufferPointer, to text: UnsafeMutableRawBufferPointer) {
        precondition(text.count >= encodedLength(bytes.count), "room for base64")
        var (read, written) = (0, 0)
        while read < bytes.count {
            let count = min(bytes.count - read, 3)
            var bits: UInt32 = 0
            for index in 0..<count { bits |= UInt32(bytes[read + index]) << (16 - 8 * UInt32(index)) }
            for index in 0..<4 {
                text[written + index] = index <= count ? character(bits >> (18 - 6 * UInt32(index)) & 0x3F) : pad
            }
            read += count
            written += 4
        }
    }

    private static let pad = UInt8(ascii: "=")

    /// The 24 bits of four characters; nil where one of them, or a bit that the padding leaves over, is wrong.
    private static func bits(_ text: UnsafeRawBufferPointer, at offset: Int, padding: Int) -> UInt32? {
        var bits: UInt32 = 0
        for index in 0..<4 - padding {
            guard let value = value(text[offset + index]) else { return nil }
            bits |= value << (18 - 6 * UInt32(index))
        }
        return bits & (1 << (8 * UInt32(padding)) - 1) == 0 ? bits : nil
    }

    private static func value(_ character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }

    private static func character(_ value: UInt32) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: value)
        return switch value {
        case 0..<26: UInt8(ascii: "A") + value
        case 26..<52: UInt8(ascii: "a") + (value - 26)
        case 52..<62: UInt8(ascii: "0") + (value - 52)
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }
}
