/// Takes values off bytes. There is always another one: behind the end everything is zero.
struct ByteReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ bytes: UnsafeRawBufferPointer) {
        rest = Array(bytes)[...]
    }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func isSet() -> Bool { byte() & 1 == 1 }

    mutating func choice<Value>(_ values: [Value]) -> Value { values[Int(byte()) % values.count] }

    /// One of the ends of all integers, or a small one.
    mutating func integer() -> Int64 {
        switch byte() {
        case 0xFF: .max
        case 0xFE: .min
        case 0xFD: (0..<8).reduce(0) { value, _ in value << 8 | Int64(byte()) }
        case let small: Int64(small) - 64
        }
    }

    mutating func number() -> Double {
        switch byte() {
        case 0xFF: .greatestFiniteMagnitude
        case 0xFE: -.greatestFiniteMagnitude
        case let small: (Double(small) - 64) / 4
        }
    }

    /// Up to 15 bytes of UTF-8.
    mutating func text() -> String {
        let count = Int(byte() & 0xF)
        defer { rest = rest.dropFirst(count) }
        return String(decoding: rest.prefix(count), as: UTF8.self)
    }
}
