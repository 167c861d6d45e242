/// The text of a UUID (RFC 9562, section 4): hexadecimal digits, 8-4-4-4-12.
package enum UUIDText {
    /// Bytes of the text.
    package static let length = 36

    /// Reads a UUID, its digits in any case, into 16 bytes.
    /// - Returns: False for any other text; what `bytes` then holds is undefined.
    /// - Precondition: `bytes` has room for 16.
    package static func parse(_ text: UnsafeRawBufferPointer, to bytes: UnsafeMutableRawBufferPointer) -> Bool {
        precondition(bytes.count >= 16, "room for a UUID")
        guard text.count == length else { return false }
        var offset = 0
        for index in 0..<16 {
            if isBehindHyphen(index) {
                guard text[offset] == UInt8(ascii: "-") else { return false }
                offset += 1
            }
            guard let high = text[offset].hexValue, let low = text[offset + 1].hexValue else { return false }
            bytes[index] = high << 4 | low
            offset += 2
        }
        return true
    }

    /// Writes the text of 16 bytes in lower case: ``length`` bytes of ASCII.
    /// - Precondition: `bytes` are 16, and `text` has room.
    package static func write(_ bytes: UnsafeRawBufferPointer, to text: UnsafeMutableRawBufferPointer) {
        precondition(bytes.count == 16 && text.count >= length, "16 bytes, and room for a UUID's text")
        var offset = 0
        for index in 0..<16 {
            if isBehindHyphen(index) {
                text[offset] = UInt8(ascii: "-")
                offset += 1
            }
            text[offset] = (bytes[index] >> 4).hexDigit
            text[offset + 1] = bytes[index].hexDigit
            offset += 2
        }
    }

    /// - Precondition: `bytes` are 16.
    package static func text(of bytes: UnsafeRawBufferPointer) -> String {
        String(unsafeUninitializedCapacity: length) { text in
            write(bytes, to: UnsafeMutableRawBufferPointer(text))
            return length
        }
    }

    /// - Parameters:
    ///   - high: the first eight bytes, big-endian.
    ///   - low: the other eight.
    package static func text(high: UInt64, low: UInt64) -> String {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { text(of: $0) }
    }

    private static func isBehindHyphen(_ byte: Int) -> Bool {
        byte == 4 || byte == 6 || byte == 8 || byte == 10
    }
}
