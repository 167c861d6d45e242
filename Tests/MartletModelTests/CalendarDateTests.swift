import Testing

@testable import MartletModel

@Suite struct CalendarDateTests {
    @Test(
        arguments: [
            ("0001-01-01", -719_162), ("0001-12-31", -718_798), ("0004-02-29", -718_008), ("1600-02-29", -135_081),
            ("1969-12-31", -1), ("1970-01-01", 0), ("1970-03-01", 59), ("2000-02-29", 11_016), ("2000-03-01", 11_017),
            ("2024-02-29", 19_782), ("2100-02-28", 47_540), ("2100-03-01", 47_541), ("9999-12-31", 2_932_896),
        ] as [(String, Int64)])
    func `a date is a day and a text`(_ text: String, _ days: Int64) throws {
        let date = try #require(CalendarDate(text))
        #expect(date.daysSince1970 == days)
        #expect(CalendarDate(daysSince1970: days) == date)
        #expect(CalendarDate(year: date.year, month: date.month, day: date.day) == date)
        #expect(date.description == text)
        #expect(
            written(CalendarDate.textLength) {
                date.write(to: $0); return 10
            } == text)
    }

    @Test(arguments: [
        "", "2024", "2024-1-01", "2024-01-1", "24-01-01", "02024-01-01", "2024-01-011", " 2024-01-01", "2024-01-01 ",
        "2024/01/01", "2024-01/01", "20240101", "2024-00-01", "2024-13-01", "2024-01-00", "2024-01-32", "2024-04-31",
        "2024-06-31", "2024-09-31", "2024-11-31", "2023-02-29", "1900-02-29", "2100-02-29", "2024-02-30",
        "0000-01-01", "0000-12-31", "-001-01-01", "+024-01-01", "2024-01-0a", "2024-01-٠١", "２024-01-0", "10000-01-01",
        "2024-01-01T00:00:00Z", "2024-01-0\u{0}",
    ])
    func `a text that is no date is none`(_ text: String) {
        #expect(CalendarDate(text) == nil)
    }

    @Test func `every day of ten thousand years follows the one before`() throws {
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        var days: Int64 = -719_162
        for year in 1...9999 {
            let isLeap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0)
            for month in 1...12 {
                let length = month == 2 && isLeap ? 29 : lengths[month - 1]
                // A round trip of each month's ends; of each day it would take a minute without the optimiser.
                for day in [1, 15, length] {
                    let date = try #require(CalendarDate(year: year, month: month, day: day))
                    guard date.daysSince1970 == days + Int64(day) - 1 else { Issue.record("\(date)"); return }
                    guard (date.year, date.month, date.day) == (year, month, day) else {
                        Issue.record("\(date)"); return
                    }
                }
                #expect(CalendarDate(year: year, month: month, day: length + 1) == nil)
                days += Int64(length)
            }
        }
        #expect(days == 2_932_897)
    }

    @Test func `there is no day outside the years 1 to 9999`() {
        for days in [-719_163, 2_932_897, .min, .max] as [Int64] { #expect(CalendarDate(daysSince1970: days) == nil) }
        for year in [0, -1, 10_000, .min, .max] { #expect(CalendarDate(year: year, month: 1, day: 1) == nil) }
        for month in [0, 13, -1, .min, .max] { #expect(CalendarDate(year: 2024, month: month, day: 1) == nil) }
        for day in [0, 32, -1, .min, .max] { #expect(CalendarDate(year: 2024, month: 1, day: day) == nil) }
    }

    @Test func `dates are in order`() throws {
        let texts = ["0001-01-01", "1969-12-31", "1970-01-01", "2024-02-29", "9999-12-31"]
        let dates = try texts.map { try #require(CalendarDate($0)) }
        #expect(dates.reversed().sorted() == dates)
        #expect(Set(dates).count == 5)
    }
}
