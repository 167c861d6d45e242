/// Walks JSON text as RFC 8259 has it, and not a byte more lenient: UTF-8 without a byte order mark, no lone surrogate, no
/// comment, no comma too many.
///
/// It yields tokens, as places in the text; what they mean to a record is ``RecordReader``'s business. Duplicate names
/// are up to the caller, who knows the names it expects.
struct JSONScanner {
    /// A record nests at most 32 levels, itself included.
    static let maxFieldDepth = 31
    /// Deeper texts are refused, so that none exhausts the stack. A field's value has at most four levels around it, as in a
    /// batch's response, {"results":[{"body":{"x":…}}]}: so a value that one route takes can be written and read on every other.
    static let maxDepth = maxFieldDepth + 4

    let text: UnsafeRawBufferPointer
    private(set) var position: Int

    init(_ text: UnsafeRawBufferPointer, from position: Int = 0) {
        self.text = text
        self.position = position
    }

    /// A string, as it stands between its quotes: valid UTF-8 with valid escapes.
    struct StringToken {
        let start: Int
        let end: Int
        let hasEscapes: Bool
    }

    /// A number, as it is spelled.
    struct NumberToken {
        let start: Int
        let end: Int
    }

    func error(_ reason: String) -> JSONError {
        JSONError(offset: position, reason)
    }

    func error(_ reason: String, at offset: Int) -> JSONError {
        JSONError(offset: offset, reason)
    }

    func bytes(_ start: Int, _ end: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: text[start..<end])
    }
}

// MARK: - Structure

extension JSONScanner {
    /// The first byte of the next token, at which the scanner then stands.
    mutating func next() throws(JSONError) -> UInt8 {
        skipWhitespace()
        guard position < text.count else { throw error("the text ends too early") }
        return text[position]
    }

    /// Checks that nothing but white space is left.
    mutating func finish() throws(JSONError) {
        skipWhitespace()
        guard position == text.count else { throw error("unexpected text behind the value") }
    }

    /// Walks the object that the scanner stands at. `member` finds it at a member's value, and leaves it behind that.
    mutating func object(
        depth: Int, member: (inout JSONScanner, StringToken) throws(JSONError) -> Void
    ) throws(JSONError) {
        try enter(depth)
        guard try next() != UInt8(ascii: "}") else { return position += 1 }
        while true {
            guard try next() == UInt8(ascii: "\"") else { throw error("a member's name must be a string") }
            let name = try string()
            guard try next() == UInt8(ascii: ":") else { throw error("a colon must follow a member's name") }
            position += 1
            _ = try next()
            try member(&self, name)
            guard try continues(to: UInt8(ascii: "}")) else { return }
        }
    }

    /// Walks the array that the scanner stands at. `element` finds it at an element, and leaves it behind that.
    mutating func array(depth: Int, element: (inout JSONScanner) throws(JSONError) -> Void) throws(JSONError) {
        try enter(depth)
        guard try next() != UInt8(ascii: "]") else { return position += 1 }
        while true {
            _ = try next()
            try element(&self)
            guard try continues(to: UInt8(ascii: "]")) else { return }
        }
    }

    private mutating func enter(_ depth: Int) throws(JSONError) {
        guard depth <= Self.maxDepth else {
            throw error("nested deeper than \(Self.maxFieldDepth) levels in a field, or \(Self.maxDepth) levels in all")
        }
        position += 1
    }

    /// Whether another member or element follows; else the scanner is behind the closing bracket.
    private mutating func continues(to closing: UInt8) throws(JSONError) -> Bool {
        let byte = try next()
        guard byte == UInt8(ascii: ",") || byte == closing else {
            throw error("a comma or \(Character(UnicodeScalar(closing))) must follow a value")
        }
        position += 1
        return byte != closing
    }

    private mutating func skipWhitespace() {
        while position < text.count {
            switch text[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }
}

// MARK: - Scalars

extension JSONScanner {
    /// Takes `true`, `false` or `null`, whichever its first byte announces.
    mutating func literal() throws(JSONError) {
        let word: StaticString =
            switch text[position] {
            case UInt8(ascii: "t"): "true"
            case UInt8(ascii: "f"): "false"
            case UInt8(ascii: "n"): "null"
            // Of UTF-8 and UTF-16: RFC 8259, section 8.1.
            case 0xEF where position == 0, 0xFE where position == 0, 0xFF where position == 0:
                throw error("JSON must be UTF-8 without a byte order mark: there is one")
            default: throw error("no JSON value starts like this")
            }
        for offset in 0..<word.utf8CodeUnitCount {
            guard position < text.count else { throw error("the text ends too early") }
            guard text[position] == word.utf8Start[offset] else { throw error("expected \(word)") }
            position += 1
        }
    }

    /// Takes the number that the scanner stands at.
    mutating func number() throws(JSONError) -> NumberToken {
        let start = position
        if text[position] == UInt8(ascii: "-") { position += 1 }
        if position < text.count, text[position] == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits()
        }
        if position < text.count, text[position] == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if position < text.count, text[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < text.count, text[position] == UInt8(ascii: "+") || text[position] == UInt8(ascii: "-") {
                position += 1
            }
            try digits()
        }
        return NumberToken(start: start, end: position)
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while position < text.count, isDigit(text[position]) { position += 1 }
        guard position > start else {
            throw error(position == text.count ? "the text ends too early" : "a digit must stand here")
        }
    }

    /// Takes the string that the scanner stands at.
    mutating func string() throws(JSONError) -> StringToken {
        position += 1
        let start = position
        var hasEscapes = false
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: "\""):
                position += 1
                return StringToken(start: start, end: position - 1, hasEscapes: hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try escape()
            case 0..<0x20:
                throw error("a control character must be escaped")
            case 0..<0x80:
                position += 1
            default:
                try multibyteScalar()
            }
        }
        throw error("the text ends inside a string")
    }

    /// Takes a scalar beyond ASCII: well-formed as table 3-7 of the Unicode standard has it.
    private mutating func multibyteScalar() throws(JSONError) {
        let (length, second): (Int, ClosedRange<UInt8>) =
            switch text[position] {
            case 0xC2...0xDF: (2, 0x80...0xBF)
            case 0xE0: (3, 0xA0...0xBF)
            case 0xE1...0xEC, 0xEE...0xEF: (3, 0x80...0xBF)
            case 0xED: (3, 0x80...0x9F)
            case 0xF0: (4, 0x90...0xBF)
            case 0xF1...0xF3: (4, 0x80...0xBF)
            case 0xF4: (4, 0x80...0x8F)
            default: throw error("not UTF-8")
            }
        guard position + length <= text.count, second.contains(text[position + 1]) else { throw error("not UTF-8") }
        for offset in 2..<length where text[position + offset] & 0xC0 != 0x80 { throw error("not UTF-8") }
        position += length
    }

    /// Takes an escape, or the two that spell a scalar beyond U+FFFF.
    private mutating func escape() throws(JSONError) {
        let start = position
        guard position + 1 < text.count else { throw error("the text ends inside a string") }
        position += 2
        guard text[position - 1] == UInt8(ascii: "u") else {
            guard JSONScanner.unescaped(text[position - 1]) != nil else { throw error("unknown escape", at: start) }
            return
        }
        let unit = try hexUnit()
        switch unit {
        case 0xD800...0xDBFF:
            guard position + 1 < text.count, text[position] == UInt8(ascii: "\\"),
                text[position + 1] == UInt8(ascii: "u")
            else { throw error("half of a surrogate pair", at: start) }
            position += 2
            guard 0xDC00...0xDFFF ~= (try hexUnit()) else { throw error("half of a surrogate pair", at: start) }
        case 0xDC00...0xDFFF:
            throw error("half of a surrogate pair", at: start)
        default:
            return
        }
    }

    private mutating func hexUnit() throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard position < text.count else { throw error("the text ends inside a string") }
            guard let digit = text[position].hexValue else { throw error("a hexadecimal digit must stand here") }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }
}
