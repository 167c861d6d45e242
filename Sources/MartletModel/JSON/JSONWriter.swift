/// Writes JSON into a raw buffer that is reused from one answer to the next, without white space, fields in the schema's
/// order.
///
/// One buffer that is written once: many small writes into a network buffer made a list of 50 records cost half as much
/// again.
public struct JSONWriter: ~Copyable {
    var base: UnsafeMutableRawPointer
    var capacity: Int
    /// Bytes written.
    public internal(set) var count = 0

    /// What ``removeAll()`` keeps at the most.
    private static let keptCapacity = 1 << 18

    /// - Parameter capacity: bytes that are written without taking more memory.
    public init(capacity: Int = 1 << 12) {
        self.capacity = capacity
        base = .allocate(byteCount: capacity, alignment: 8)
    }

    deinit {
        base.deallocate()
    }

    /// Starts over with the same memory, unless an uncommonly large answer has grown it.
    public mutating func removeAll() {
        count = 0
        guard capacity > Self.keptCapacity else { return }
        base.deallocate()
        capacity = Self.keptCapacity
        base = .allocate(byteCount: capacity, alignment: 8)
    }

    /// What was written. Valid inside `body` only.
    public borrowing func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }
}

// MARK: - Trees

extension JSONWriter {
    public mutating func write(_ value: JSONValue) {
        switch value {
        case .null: put("null")
        case .bool(let value): put(value ? "true" : "false")
        case .number(let spelling): put(ascii: spelling)
        case .string(let string): put(string: string)
        case .array(let elements):
            put(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { put(UInt8(ascii: ",")) }
                write(element)
            }
            put(UInt8(ascii: "]"))
        case .object(let members):
            put(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { put(UInt8(ascii: ",")) }
                put(string: member.name)
                put(UInt8(ascii: ":"))
                write(member.value)
            }
            put(UInt8(ascii: "}"))
        }
    }

    private mutating func put(string: String) {
        var string = string
        string.withUTF8 { put(string: UnsafeRawBufferPointer($0)) }
    }

    mutating func put(ascii text: String) {
        var text = text
        text.withUTF8 { put(UnsafeRawBufferPointer($0)) }
    }
}

// MARK: - Bytes

extension JSONWriter {
    @inline(__always)
    mutating func reserve(_ bytes: Int) {
        if capacity - count < bytes { grow(by: bytes) }
    }

    @inline(never)
    private mutating func grow(by bytes: Int) {
        let larger = max(capacity * 2, count + bytes)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: larger, alignment: 8)
        memory.copyMemory(from: base, byteCount: count)
        base.deallocate()
        (base, capacity) = (memory, larger)
    }

    @inline(__always)
    mutating func put(_ byte: UInt8) {
        reserve(1)
        base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count += 1
    }

    mutating func put(_ text: StaticString) {
        put(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func put(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        reserve(bytes.count)
        (base + count).copyMemory(from: start, byteCount: bytes.count)
        count += bytes.count
    }

    mutating func put(_ integer: Int64) {
        // The longest is -9223372036854775808.
        reserve(20)
        if integer < 0 { put(UInt8(ascii: "-")) }
        var rest = integer.magnitude
        var digits = 1
        var bound: UInt64 = 10
        while digits < 19, rest >= bound {
            digits += 1
            bound &*= 10
        }
        for offset in stride(from: count + digits - 1, through: count, by: -1) {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            base.storeBytes(
                of: UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit), toByteOffset: offset, as: UInt8.self)
            rest = quotient
        }
        count += digits
    }

    /// Writes a string, escaping what RFC 8259 says must be.
    mutating func put(string utf8: UnsafeRawBufferPointer) {
        reserve(utf8.count + 2)
        put(UInt8(ascii: "\""))
        if let text = utf8.baseAddress {
            var start = 0
            while true {
                let plain = copyPlain(text + start, utf8.count - start)
                count += plain
                start += plain
                if start == utf8.count { break }
                putEscape(of: utf8[start])
                start += 1
                reserve(utf8.count - start + 1)
            }
        }
        put(UInt8(ascii: "\""))
    }

    /// Copies the bytes that can stand in a string as they are, up to the first that can't. There must be room for all.
    ///
    /// Eight bytes at a time, by the bit tricks of <https://graphics.stanford.edu/~seander/bithacks.html#ZeroInWord>: most
    /// strings need no escape at all.
    /// - Returns: how many there are.
    private borrowing func copyPlain(_ text: UnsafeRawPointer, _ length: Int) -> Int {
        let (ones, tops) = (0x0101_0101_0101_0101 as UInt64, 0x8080_8080_8080_8080 as UInt64)
        assert(length <= capacity - count, "a string is copied to where there is no room for it")
        let target = base + count
        var index = 0
        while index + 8 <= length {
            let word = text.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let control = word &- (ones &* 0x20)
            let found = (control & ~word) | ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash)
            guard found & tops == 0 else { break }
            target.storeBytes(of: word, toByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < length {
            let byte = text.load(fromByteOffset: index, as: UInt8.self)
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            target.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
            index += 1
        }
        return index
    }

    mutating func putEscape(of byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): put("\\\"")
        case UInt8(ascii: "\\"): put("\\\\")
        case 0x08: put("\\b")
        case 0x09: put("\\t")
        case 0x0A: put("\\n")
        case 0x0C: put("\\f")
        case 0x0D: put("\\r")
        default:
            // Without an allocation, as a text may consist of them.
            put(byte < 0x10 ? "\\u000" : "\\u001")
            put(byte.hexDigit)
        }
    }
}
