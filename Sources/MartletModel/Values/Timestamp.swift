/// An instant in the years 0001 to 9999 of UTC, to the microsecond. Its text is `YYYY-MM-DDThh:mm:ss.ffffffZ`.
public struct Timestamp: Sendable, Hashable {
    /// Bytes of its text.
    public static let textLength = 27
    /// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999Z.
    private static let range: ClosedRange<Int64> = -62_135_596_800_000_000...253_402_300_799_999_999
    private static let microsecondsPerDay: Int64 = 86_400_000_000

    /// Without leap seconds, as POSIX counts. Negative before 1970.
    public let microsecondsSince1970: Int64

    /// Nil outside the years 0001 to 9999.
    public init?(microsecondsSince1970 microseconds: Int64) {
        guard Self.range.contains(microseconds) else { return nil }
        microsecondsSince1970 = microseconds
    }

    /// The nearest there is: the first or the last of all outside the years 0001 to 9999.
    public init(clamping microseconds: Int64) {
        microsecondsSince1970 = Swift.min(Swift.max(microseconds, Self.range.lowerBound), Self.range.upperBound)
    }

    /// The instant that a text spells as RFC 3339 has it, with any offset, 1 to 6 digits behind a point or none, `T` or
    /// `t` between date and time. There is no leap second `:60`. Nil also when the instant is outside the years 0001 to
    /// 9999 of UTC.
    public init?(utf8: UnsafeRawBufferPointer) {
        // `YYYY-MM-DDThh:mm:ss`, a fraction perhaps, an offset.
        guard let days = CalendarDate.days(in: utf8), let seconds = Self.secondsOfDay(utf8) else { return nil }
        var position = 19
        guard let fraction = Self.fraction(utf8, at: &position), let offset = Self.offset(utf8, at: position) else {
            return nil
        }
        self.init(microsecondsSince1970: days * Self.microsecondsPerDay + (seconds - offset) * 1_000_000 + fraction)
    }

    /// The instant that a text spells, as ``init(utf8:)`` reads it.
    public init?(_ text: String) {
        var text = text
        guard let timestamp = text.withUTF8({ Timestamp(utf8: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = timestamp
    }

    /// Writes ``textLength`` bytes of ASCII.
    /// - Precondition: the buffer has room for them.
    public func write(to text: UnsafeMutableRawBufferPointer) {
        precondition(text.count >= Self.textLength, "room for a timestamp")
        let days = microsecondsSince1970.flooredQuotient(Self.microsecondsPerDay)
        let (second, fraction) = Int(microsecondsSince1970 - days * Self.microsecondsPerDay)
            .quotientAndRemainder(dividingBy: 1_000_000)
        let (year, month, day) = Gregorian.date(ofDay: days)
        FixedDigits.write(year, to: text, at: 0, digits: 4)
        text[4] = UInt8(ascii: "-")
        FixedDigits.write(month, to: text, at: 5, digits: 2)
        text[7] = UInt8(ascii: "-")
        FixedDigits.write(day, to: text, at: 8, digits: 2)
        text[10] = UInt8(ascii: "T")
        FixedDigits.write(second / 3600, to: text, at: 11, digits: 2)
        text[13] = UInt8(ascii: ":")
        FixedDigits.write(second / 60 % 60, to: text, at: 14, digits: 2)
        text[16] = UInt8(ascii: ":")
        FixedDigits.write(second % 60, to: text, at: 17, digits: 2)
        text[19] = UInt8(ascii: ".")
        FixedDigits.write(fraction, to: text, at: 20, digits: 6)
        text[26] = UInt8(ascii: "Z")
    }
}

// MARK: - Reading

extension Timestamp {
    /// What `Thh:mm:ss` at offset 10 spells.
    private static func secondsOfDay(_ utf8: UnsafeRawBufferPointer) -> Int64? {
        guard let minutes = minutes(utf8, at: 11), let second = FixedDigits.read(utf8, at: 17, digits: 2), second < 60,
            utf8[10] | 0x20 == UInt8(ascii: "t"), utf8[16] == UInt8(ascii: ":")
        else { return nil }
        return Int64(minutes * 60 + second)
    }

    /// What `hh:mm` spells: a time of a day.
    private static func minutes(_ utf8: UnsafeRawBufferPointer, at position: Int) -> Int? {
        guard let hour = FixedDigits.read(utf8, at: position, digits: 2), hour < 24,
            let minute = FixedDigits.read(utf8, at: position + 3, digits: 2), minute < 60,
            utf8[position + 2] == UInt8(ascii: ":")
        else { return nil }
        return hour * 60 + minute
    }

    /// The microseconds that a point and 1 to 6 digits spell; 0 where there is no point.
    private static func fraction(_ utf8: UnsafeRawBufferPointer, at position: inout Int) -> Int64? {
        guard position < utf8.count, utf8[position] == UInt8(ascii: ".") else { return 0 }
        let start = position + 1
        var fraction: Int64 = 0
        position = start
        while position < utf8.count, isDigit(utf8[position]) {
            guard position - start < 6 else { return nil }
            fraction = fraction * 10 + Int64(utf8[position] - UInt8(ascii: "0"))
            position += 1
        }
        guard position > start else { return nil }
        for _ in position - start..<6 { fraction *= 10 }
        return fraction
    }

    /// The seconds that local time is ahead of UTC, as the rest of the text has it: `Z`, `+hh:mm` or `-hh:mm`. `-00:00`
    /// is an unknown one in RFC 3339, section 4.3; the instant is known.
    private static func offset(_ utf8: UnsafeRawBufferPointer, at position: Int) -> Int64? {
        guard position < utf8.count else { return nil }
        switch utf8[position] {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"):
            return utf8.count == position + 1 ? 0 : nil
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            guard utf8.count == position + 6, let minutes = minutes(utf8, at: position + 1) else { return nil }
            return Int64(utf8[position] == UInt8(ascii: "+") ? minutes * 60 : minutes * -60)
        default: return nil
        }
    }
}

extension Timestamp: Comparable {
    public static func < (one: Timestamp, other: Timestamp) -> Bool {
        one.microsecondsSince1970 < other.microsecondsSince1970
    }
}

extension Timestamp: CustomStringConvertible {
    /// `YYYY-MM-DDThh:mm:ss.ffffffZ`
    public var description: String {
        String(unsafeUninitializedCapacity: Self.textLength) {
            write(to: UnsafeMutableRawBufferPointer($0))
            return Self.textLength
        }
    }
}
