/// A day of the Gregorian calendar in the years 0001 to 9999, without a time or a place. Its text is `YYYY-MM-DD`.
public struct CalendarDate: Sendable, Hashable {
    /// Bytes of its text.
    public static let textLength = 10
    /// 0001-01-01 to 9999-12-31.
    static let range: ClosedRange<Int64> = -719_162...2_932_896

    /// Negative before 1970-01-01.
    public let daysSince1970: Int64

    /// Nil outside the years 0001 to 9999.
    public init?(daysSince1970 days: Int64) {
        guard Self.range.contains(days) else { return nil }
        daysSince1970 = days
    }

    /// The nearest there is: the first or the last of all outside the years 0001 to 9999.
    public init(clamping days: Int64) {
        daysSince1970 = Swift.min(Swift.max(days, Self.range.lowerBound), Self.range.upperBound)
    }

    /// Nil for a day that there isn't, as 2023-02-29, and outside the years 0001 to 9999.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), let days = Gregorian.days(year: year, month: month, day: day) else {
            return nil
        }
        daysSince1970 = days
    }

    /// The date that a text spells: `YYYY-MM-DD`, nothing else.
    public init?(utf8: UnsafeRawBufferPointer) {
        guard utf8.count == Self.textLength, let days = Self.days(in: utf8) else { return nil }
        self.init(daysSince1970: days)
    }

    /// The date that a text spells: `YYYY-MM-DD`, nothing else.
    public init?(_ text: String) {
        var text = text
        guard let date = text.withUTF8({ CalendarDate(utf8: UnsafeRawBufferPointer($0)) }) else { return nil }
        self = date
    }

    /// 1 to 9999.
    public var year: Int { Gregorian.date(ofDay: daysSince1970).year }
    /// 1 to 12.
    public var month: Int { Gregorian.date(ofDay: daysSince1970).month }
    /// 1 to 31.
    public var day: Int { Gregorian.date(ofDay: daysSince1970).day }

    /// Writes ``textLength`` bytes of ASCII.
    /// - Precondition: the buffer has room for them.
    public func write(to text: UnsafeMutableRawBufferPointer) {
        precondition(text.count >= Self.textLength, "room for a date")
        let (year, month, day) = Gregorian.date(ofDay: daysSince1970)
        FixedDigits.write(year, to: text, at: 0, digits: 4)
        text[4] = UInt8(ascii: "-")
        FixedDigits.write(month, to: text, at: 5, digits: 2)
        text[7] = UInt8(ascii: "-")
        FixedDigits.write(day, to: text, at: 8, digits: 2)
    }

    /// Days since 1970-01-01 of the `YYYY-MM-DD` that a text begins with, also of year 0000.
    static func days(in utf8: UnsafeRawBufferPointer) -> Int64? {
        guard let year = FixedDigits.read(utf8, at: 0, digits: 4),
            let month = FixedDigits.read(utf8, at: 5, digits: 2), let day = FixedDigits.read(utf8, at: 8, digits: 2),
            utf8[4] == UInt8(ascii: "-"), utf8[7] == UInt8(ascii: "-")
        else { return nil }
        return Gregorian.days(year: year, month: month, day: day)
    }
}

extension CalendarDate: Comparable {
    public static func < (one: CalendarDate, other: CalendarDate) -> Bool { one.daysSince1970 < other.daysSince1970 }
}

extension CalendarDate: CustomStringConvertible {
    /// `YYYY-MM-DD`
    public var description: String {
        String(unsafeUninitializedCapacity: Self.textLength) {
            write(to: UnsafeMutableRawBufferPointer($0))
            return Self.textLength
        }
    }
}
