/// Numbers of a fixed number of digits, as dates and times have them.
enum FixedDigits {
    /// The number that stands at an offset; nil where anything but digits does, or the text ends.
    static func read(_ utf8: UnsafeRawBufferPointer, at offset: Int, digits: Int) -> Int? {
        guard offset + digits <= utf8.count else { return nil }
        var number = 0
        for index in offset..<offset + digits {
            guard isDigit(utf8[index]) else { return nil }
            number = number * 10 + Int(utf8[index] - UInt8(ascii: "0"))
        }
        return number
    }

    /// Writes a number that is not negative with leading zeros.
    static func write(_ number: Int, to text: UnsafeMutableRawBufferPointer, at offset: Int, digits: Int) {
        var rest = number
        for index in stride(from: offset + digits - 1, through: offset, by: -1) {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            text[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
            rest = quotient
        }
    }
}
