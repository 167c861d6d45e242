/// The header field Date (RFC 9110, section 6.6.1), made once a second.
struct DateField {
    private var second = Int64.min
    private var bytes: [UInt8] = []

    /// - Parameter now: microseconds since 1970.
    mutating func line(now: Int64) -> [UInt8] {
        let current = now.floorDivided(by: 1_000_000)
        if current != second {
            second = current
            bytes = Array("Date: \(Self.format(current))\r\n".utf8)
        }
        return bytes
    }

    /// An IMF-fixdate: `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func format(_ secondsSince1970: Int64) -> String {
        let days = secondsSince1970.floorDivided(by: 86400)
        let second = secondsSince1970 - days * 86400
        let (year, month, day) = civil(days)
        let weekday = Int((days + 4) - (days + 4).floorDivided(by: 7) * 7)
        let names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let time = "\(padded(second / 3600)):\(padded(second / 60 % 60)):\(padded(second % 60))"
        return "\(names[weekday]), \(padded(day)) \(months[month - 1]) \(year) \(time) GMT"
    }

    /// The Gregorian date of a day, by <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>.
    private static func civil(_ daysSince1970: Int64) -> (year: Int64, month: Int, day: Int64) {
        let shifted = daysSince1970 + 719_468
        let era = shifted.floorDivided(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func padded(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
}

extension Int64 {
    fileprivate func floorDivided(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
