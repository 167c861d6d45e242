import Glibc

/// Reading protocol text as the bytes it is: no String is made of what only has to be recognised.
extension UnsafeRawBufferPointer {
    func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[range])
    }

    func slice(from start: Int) -> UnsafeRawBufferPointer {
        slice(start..<count)
    }

    /// Where `byte` comes next, at or behind `start`.
    func next(_ byte: UInt8, from start: Int = 0) -> Int? {
        guard let base = baseAddress, start < count else { return nil }
        guard let found = memchr(base + start, Int32(byte), count - start) else { return nil }
        return UnsafeRawPointer(found) - base
    }

    func equals(_ text: StaticString) -> Bool {
        guard let base = baseAddress else { return text.utf8CodeUnitCount == 0 }
        return count == text.utf8CodeUnitCount && memcmp(base, text.utf8Start, count) == 0
    }

    func equals(_ bytes: [UInt8]) -> Bool {
        guard count == bytes.count else { return false }
        return bytes.withUnsafeBytes { other in
            guard let base = baseAddress, let otherBase = other.baseAddress else { return true }
            return memcmp(base, otherBase, count) == 0
        }
    }

    /// - Parameter lowercase: has no `A` to `Z`.
    func equalsIgnoringCase(_ lowercase: StaticString) -> Bool {
        guard count == lowercase.utf8CodeUnitCount else { return false }
        for index in 0..<count where self[index].lowercased != lowercase.utf8Start[index] { return false }
        return true
    }

    /// Without the spaces and tabs around it (OWS of RFC 9110, section 5.6.3).
    var trimmed: UnsafeRawBufferPointer {
        var (start, end) = (0, count)
        while start < end, self[start].isWhitespace { start += 1 }
        while end > start, self[end - 1].isWhitespace { end -= 1 }
        return slice(start..<end)
    }

    /// Without the spaces and tabs at its beginning.
    var withoutLeadingWhitespace: UnsafeRawBufferPointer {
        slice(from: firstIndex { !$0.isWhitespace } ?? count)
    }

    var text: String { String(decoding: self, as: UTF8.self) }

    /// How much of the beginning is a token (RFC 9110, section 5.6.2); nil if nothing is.
    var tokenLength: Int? {
        let length = firstIndex { !$0.isTokenCharacter } ?? count
        return length > 0 ? length : nil
    }

    /// How much of the beginning is a quoted string (RFC 9110, section 5.6.4); nil if it doesn't begin with a whole one.
    var quotedStringLength: Int? {
        guard first == UInt8(ascii: "\"") else { return nil }
        var index = 1
        while index < count, self[index].isFieldContent {
            if self[index] == UInt8(ascii: "\"") { return index + 1 }
            index += self[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        return nil
    }

    /// The parts between commas, trimmed, without the empty ones (RFC 9110, section 5.6.1).
    func forEachListElement(_ body: (UnsafeRawBufferPointer) -> Void) {
        var start = 0
        while start <= count {
            let end = next(UInt8(ascii: ","), from: start) ?? count
            let element = slice(start..<end).trimmed
            if !element.isEmpty { body(element) }
            start = end + 1
        }
    }
}

extension UInt8 {
    var lowercased: UInt8 {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= self ? self | 0x20 : self
    }

    /// Space or tab.
    var isWhitespace: Bool { self == 0x20 || self == 0x09 }

    var isDigit: Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= self }

    var isLetterOrDigit: Bool { isDigit || UInt8(ascii: "a")...UInt8(ascii: "z") ~= self | 0x20 }

    /// `tchar` of RFC 9110, section 5.6.2.
    var isTokenCharacter: Bool {
        if isLetterOrDigit { return true }
        return switch self {
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// What a field's value is made of: visible characters, space, tab and bytes beyond ASCII (RFC 9110, section 5.5).
    /// No CR, LF or NUL: a parser that took them could be made to see another request than its neighbour.
    var isFieldContent: Bool { self >= 0x20 && self != 0x7F || self == 0x09 }
}
