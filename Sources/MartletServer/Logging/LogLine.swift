/// A line under construction, in a buffer that it never exceeds: what doesn't fit is cut, in a way that leaves the line
/// whole, with its end.
struct LogLine: ~Copyable {
    private let buffer: UnsafeMutableRawBufferPointer
    private var count = 0
    /// Where texts are cut, so that closing quotes and brackets always find room behind it.
    private let textLimit: Int

    /// - Parameter buffer: outlives the line; of at least 512 bytes.
    init(_ buffer: UnsafeMutableRawBufferPointer) {
        self.buffer = buffer
        textLimit = buffer.count - 64
    }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[..<count]) }

    /// Whether a text of this length would be cut.
    func hasRoom(for length: Int) -> Bool {
        count + length <= textLimit
    }

    mutating func append(_ byte: UInt8) {
        guard count < buffer.count else { return }
        buffer[count] = byte
        count += 1
    }

    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { for byte in $0 { append(byte) } }
    }

    /// `2024-05-06T07:08:09.123456Z`
    mutating func appendTimestamp(_ microseconds: Int64) {
        let second = microseconds.flooredQuotient(1_000_000)
        let day = second.flooredQuotient(86_400)
        let (year, month, dayOfMonth) = Self.civil(day)
        let time = second - day * 86_400
        append(year, digits: 4)
        append(UInt8(ascii: "-"))
        append(month, digits: 2)
        append(UInt8(ascii: "-"))
        append(dayOfMonth, digits: 2)
        append(UInt8(ascii: "T"))
        append(time / 3600, digits: 2)
        append(UInt8(ascii: ":"))
        append(time / 60 % 60, digits: 2)
        append(UInt8(ascii: ":"))
        append(time % 60, digits: 2)
        append(UInt8(ascii: "."))
        append(microseconds - second * 1_000_000, digits: 6)
        append(UInt8(ascii: "Z"))
    }

    private mutating func append(_ number: Int64, digits: Int) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10))
            divisor /= 10
        }
    }

    /// The date of a day since 1970-01-01: Howard Hinnant's `civil_from_days`, which counts years from March on so that
    /// the leap day is the last.
    private static func civil(_ day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = shifted.flooredQuotient(146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }
}

extension Int64 {
    fileprivate func flooredQuotient(_ divisor: Int64) -> Int64 {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}

func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}
