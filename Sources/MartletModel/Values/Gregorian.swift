/// The proleptic Gregorian calendar.
enum Gregorian {
    /// Days since 1970-01-01 of a real day, else nil.
    ///
    /// Howard Hinnant's `days_from_civil`, <https://howardhinnant.github.io/date_algorithms.html#days_from_civil>:
    /// years begin in March, so that the leap day is the last of one.
    /// - Parameter year: not negative.
    static func days(year: Int, month: Int, day: Int) -> Int64? {
        guard (1...12).contains(month), day >= 1, day <= length(ofMonth: month, in: year) else { return nil }
        // January and February of year 0 are before its March: an era earlier, so that nothing is negative below.
        let shiftedYear = (month <= 2 ? year - 1 : year) + 400
        let (era, yearOfEra) = shiftedYear.quotientAndRemainder(dividingBy: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64((era - 1) * 146_097 + dayOfEra - 719_468)
    }

    /// The date of a day since 1970-01-01.
    ///
    /// Howard Hinnant's `civil_from_days`, <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>.
    /// - Parameter days: not before 0000-03-01.
    static func date(ofDay days: Int64) -> (year: Int, month: Int, day: Int) {
        let (era, dayOfEra) = (Int(days) + 719_468).quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func length(ofMonth month: Int, in year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Int64 {
    /// The quotient rounded down, not towards zero.
    package func flooredQuotient(_ divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
