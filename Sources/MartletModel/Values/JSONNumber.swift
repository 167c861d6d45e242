/// JSON numbers as `Double`s.
enum JSONNumber {
    /// The nearest `Double` to a valid JSON number, however many digits it has; nil when that is infinite. There is no
    /// negative zero: it would equal zero in one database, and have another text.
    ///
    /// The standard library's conversion doesn't depend on the locale, unlike `strtod`.
    static func double(_ spelling: UnsafeRawBufferPointer) -> Double? {
        guard let value = Double(String(decoding: spelling, as: UTF8.self)), value.isFinite else { return nil }
        return value == 0 ? 0 : value
    }
}
