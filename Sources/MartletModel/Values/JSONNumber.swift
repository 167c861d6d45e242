/// JSON numbers as `Double`s.
enum JSONNumber {
    /// Bytes of the longest text that ``write(_:to:)`` writes: `-2.2250738585072014e-308`.
    static let maxTextLength = 24

    /// The nearest `Double` to a valid JSON number, however many digits it has; nil when that is infinite. There is no
    /// negative zero: it would equal zero in one database, and have another text.
    ///
    /// The standard library's conversion doesn't depend on the locale, unlike `strtod`.
    static func double(_ spelling: UnsafeRawBufferPointer) -> Double? {
        guard let value = Double(String(decoding: spelling, as: UTF8.self)), value.isFinite else { return nil }
        return value == 0 ? 0 : value
    }

    /// Writes a number's text: the shortest of those that read back as the same `Double`, in the form that Swift's
    /// `Double.description` has, as `1.0`, `0.1`, `1e+20`, `5e-324` and `1.7976931348623157e+308`. It always has a point
    /// or an exponent. Negative zero is written as `0.0`.
    /// - Returns: The number of bytes written, all ASCII.
    /// - Precondition: the value is finite, and the buffer has room for ``maxTextLength`` bytes.
    static func write(_ value: Double, to text: UnsafeMutableRawBufferPointer) -> Int {
        precondition(value.isFinite && text.count >= maxTextLength, "a finite number, and room for its text")
        var description = (value == 0 ? 0 : value).description
        return description.withUTF8 {
            text.copyBytes(from: $0)
            return $0.count
        }
    }
}
