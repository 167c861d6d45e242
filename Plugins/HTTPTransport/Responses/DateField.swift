import MartletModel

/// The header field Date (RFC 9110, section 6.6.1), made once a second.
struct DateField {
    private var second = Int64.min
    private var bytes: [UInt8] = []

    /// - Parameter now: microseconds since 1970.
    /// - Returns: Nothing for a time that no Date can tell: a server without a usable clock sends none.
    mutating func line(now: Int64) -> [UInt8] {
        let current = now.flooredQuotient(1_000_000)
        if current != second {
            second = current
            bytes = Self.format(current).map { Array("Date: \($0)\r\n".utf8) } ?? []
        }
        return bytes
    }

    /// An IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`. Nil outside the years 0001 to 9999.
    static func format(_ secondsSince1970: Int64) -> String? {
        let days = secondsSince1970.flooredQuotient(86400)
        guard let date = CalendarDate(daysSince1970: days) else { return nil }
        let second = Int(secondsSince1970 - days * 86400)
        let weekday = Int((days + 4) - (days + 4).flooredQuotient(7) * 7)
        let names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let year = String("\(10_000 + date.year)".dropFirst())
        let time = "\(padded(second / 3600)):\(padded(second / 60 % 60)):\(padded(second % 60))"
        return "\(names[weekday]), \(padded(date.day)) \(months[date.month - 1]) \(year) \(time) GMT"
    }

    private static func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
