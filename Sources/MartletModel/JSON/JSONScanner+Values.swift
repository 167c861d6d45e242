extension JSONScanner {
    /// Calls `body` with the UTF-8 that a string token stands for: the text itself, or what its escapes spell.
    func withUTF8<R>(_ token: StringToken, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        guard token.hasEscapes else { return body(bytes(token.start, token.end)) }
        return withUnsafeTemporaryAllocation(byteCount: token.end - token.start, alignment: 1) { buffer in
            // An escape is never shorter than what it spells.
            let count = unescape(token, into: buffer)
            return body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }

    func value(_ token: StringToken) -> String {
        withUTF8(token) { String(decoding: $0, as: UTF8.self) }
    }

    private func unescape(_ token: StringToken, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        var (read, written) = (token.start, 0)
        func put(_ byte: UInt8) {
            buffer[written] = byte
            written += 1
        }
        while read < token.end {
            guard text[read] == UInt8(ascii: "\\") else {
                put(text[read])
                read += 1
                continue
            }
            if let byte = Self.unescaped(text[read + 1]) {
                put(byte)
                read += 2
            } else {
                UTF8.encode(scalar(at: &read))?.forEach(put)
            }
        }
        return written
    }

    /// The scalar that the `\u` escape at `offset` spells, with its second half if it has one.
    private func scalar(at offset: inout Int) -> Unicode.Scalar {
        func unit(_ start: Int) -> UInt32 {
            (start..<start + 4).reduce(0) { $0 << 4 | UInt32(text[$1].hexValue ?? 0) }
        }
        let first = unit(offset + 2)
        offset += 6
        guard 0xD800...0xDBFF ~= first else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
        let second = unit(offset + 2)
        offset += 6
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
    }

    /// What the byte behind a backslash spells, unless it is a `u`.
    static func unescaped(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }
}
