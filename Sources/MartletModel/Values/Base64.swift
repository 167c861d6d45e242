/// Base64 (RFC 4648). Every sequence of bytes has one text, and no other is read.
package enum Base64 {
    package enum Variant: Sendable {
        /// Of section 4, with padding.
        case standard
        /// Of section 5, for URLs, without padding.
        case url
    }

    /// Appends the bytes that a text spells.
    /// - Returns: False for a text that ``encode(_:_:to:)`` never writes; `bytes` is as before then.
    package static func decode(
        _ text: UnsafeRawBufferPointer, _ variant: Variant = .standard, appendingTo bytes: inout [UInt8]
    ) -> Bool {
        var count = text.count
        if variant == .standard {
            guard count % 4 == 0 else { return false }
            for _ in 0..<2 where count > 0 && text[count - 1] == pad { count -= 1 }
        }
        guard count % 4 != 1 else { return false }
        // Decoded aside, as an array that is appended to byte by byte checks its room for each.
        return withUnsafeTemporaryAllocation(byteCount: count * 3 / 4, alignment: 1) { buffer in
            var (read, written) = (0, 0)
            while read < count {
                let digits = min(count - read, 4)
                guard let bits = bits(text, at: read, digits, variant) else { return false }
                for index in 0..<digits - 1 {
                    buffer[written + index] = UInt8(truncatingIfNeeded: bits >> (16 - 8 * UInt32(index)))
                }
                read += digits
                written += digits - 1
            }
            bytes.append(contentsOf: buffer)
            return true
        }
    }

    /// - Returns: Nil for a text that ``encode(_:_:)`` never makes.
    package static func decode(_ text: String, _ variant: Variant = .standard) -> [UInt8]? {
        var (text, bytes) = (text, [UInt8]())
        let isValid = text.withUTF8 { decode(UnsafeRawBufferPointer($0), variant, appendingTo: &bytes) }
        return isValid ? bytes : nil
    }

    /// The length of the text of so many bytes.
    package static func encodedLength(_ count: Int, _ variant: Variant = .standard) -> Int {
        variant == .standard ? (count + 2) / 3 * 4 : (count * 4 + 2) / 3
    }

    /// Writes ``encodedLength(_:_:)`` bytes of ASCII.
    /// - Precondition: `text` has room for them.
    package static func encode(
        _ bytes: UnsafeRawBufferPointer, _ variant: Variant = .standard, to text: UnsafeMutableRawBufferPointer
    ) {
        let length = encodedLength(bytes.count, variant)
        precondition(text.count >= length, "room for base64")
        var (read, written) = (0, 0)
        while read < bytes.count {
            let count = min(bytes.count - read, 3)
            var bits: UInt32 = 0
            for index in 0..<count { bits |= UInt32(bytes[read + index]) << (16 - 8 * UInt32(index)) }
            for index in 0...count {
                text[written + index] = digit(bits >> (18 - 6 * UInt32(index)) & 0x3F, variant)
            }
            read += count
            written += count + 1
        }
        while written < length {
            text[written] = pad
            written += 1
        }
    }

    package static func encode(_ bytes: UnsafeRawBufferPointer, _ variant: Variant = .standard) -> String {
        let length = encodedLength(bytes.count, variant)
        return String(unsafeUninitializedCapacity: length) { text in
            encode(bytes, variant, to: UnsafeMutableRawBufferPointer(text))
            return length
        }
    }

    private static let pad = UInt8(ascii: "=")

    /// The bits of two to four digits, the first of 24; nil where a digit, or a bit beyond the last whole byte, is wrong.
    private static func bits(
        _ text: UnsafeRawBufferPointer, at offset: Int, _ count: Int, _ variant: Variant
    ) -> UInt32? {
        var bits: UInt32 = 0
        for index in 0..<count {
            guard let value = value(text[offset + index], variant) else { return nil }
            bits |= value << (18 - 6 * UInt32(index))
        }
        return bits & (1 << (8 * UInt32(4 - count)) - 1) == 0 ? bits : nil
    }

    private static func value(_ digit: UInt8, _ variant: Variant) -> UInt32? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0")) + 52
        case variant == .standard ? UInt8(ascii: "+") : UInt8(ascii: "-"): 62
        case variant == .standard ? UInt8(ascii: "/") : UInt8(ascii: "_"): 63
        default: nil
        }
    }

    private static func digit(_ value: UInt32, _ variant: Variant) -> UInt8 {
        let value = UInt8(truncatingIfNeeded: value)
        return switch value {
        case 0..<26: UInt8(ascii: "A") + value
        case 26..<52: UInt8(ascii: "a") + (value - 26)
        case 52..<62: UInt8(ascii: "0") + (value - 52)
        case 62: variant == .standard ? UInt8(ascii: "+") : UInt8(ascii: "-")
        default: variant == .standard ? UInt8(ascii: "/") : UInt8(ascii: "_")
        }
    }
}
