import Testing

@testable import MartletModel

@Suite struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00.000000Z"),
            ("1969-12-31T23:59:59.999999Z", -1, "1969-12-31T23:59:59.999999Z"),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000_000, "0001-01-01T00:00:00.000000Z"),
            ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
            // RFC 3339, section 5.8.
            ("1985-04-12T23:20:50.52Z", 482_196_050_520_000, "1985-04-12T23:20:50.520000Z"),
            ("1996-12-19T16:39:57-08:00", 851_042_397_000_000, "1996-12-20T00:39:57.000000Z"),
            ("1937-01-01T12:00:27.87+00:20", -1_041_337_172_130_000, "1937-01-01T11:40:27.870000Z"),
            ("2024-02-29t12:34:56.7z", 1_709_210_096_700_000, "2024-02-29T12:34:56.700000Z"),
            ("2024-02-29T12:34:56.000001-00:00", 1_709_210_096_000_001, "2024-02-29T12:34:56.000001Z"),
            ("2024-03-01T00:00:00+23:59", 1_709_164_860_000_000, "2024-02-29T00:01:00.000000Z"),
            ("2023-12-31T23:59:59-23:59", 1_704_153_539_000_000, "2024-01-01T23:58:59.000000Z"),
            // The instant has to be in the years 0001 to 9999 of UTC, not the date before the offset.
            ("0000-12-31T23:00:00-01:00", -62_135_596_800_000_000, "0001-01-01T00:00:00.000000Z"),
            ("0001-01-01T00:30:00+00:30", -62_135_596_800_000_000, "0001-01-01T00:00:00.000000Z"),
            ("9999-12-31T22:59:59.999999-01:00", 253_402_300_799_999_999, "9999-12-31T23:59:59.999999Z"),
        ] as [(String, Int64, String)])
    func `a timestamp is an instant, however it is spelled`(_ text: String, _ instant: Int64, _ utc: String) throws {
        let timestamp = try #require(Timestamp(text))
        #expect(timestamp.microsecondsSince1970 == instant)
        #expect(timestamp == Timestamp(microsecondsSince1970: instant))
        #expect(timestamp.description == utc)
        #expect(Timestamp(utc) == timestamp)
        #expect(
            written(Timestamp.textLength) {
                timestamp.write(to: $0); return 27
            } == utc)
    }

    @Test(arguments: [
        "", "2024-02-29", "2024-02-29T", "2024-02-29T12:34", "2024-02-29T12:34Z", "2024-02-29T12:34:56",
        "2024-02-29 12:34:56Z", "2024-02-29_12:34:56Z", "2024-02-29T12:34:60Z", "2016-12-31T23:59:60Z",
        "2024-02-29T24:00:00Z", "2024-02-29T12:60:00Z", "2023-02-29T12:34:56Z", "2024-02-30T12:34:56Z",
        "2024-00-01T12:34:56Z", "2024-13-01T12:34:56Z", "2024-02-29T12:34:56.Z", "2024-02-29T12:34:56.1234567Z",
        "2024-02-29T12:34:56,5Z", "2024-02-29T12:34:56.5", "2024-02-29T12:34:56.+01:00", "2024-02-29T12:34:56.1a2Z",
        "2024-02-29T12:34:56+01", "2024-02-29T12:34:56+0100", "2024-02-29T12:34:56+1:00", "2024-02-29T12:34:56+24:00",
        "2024-02-29T12:34:56+01:60", "2024-02-29T12:34:56−01:00", "2024-02-29T12:34:56ZZ", "2024-02-29T12:34:56Z ",
        " 2024-02-29T12:34:56Z", "2024-02-29T12:34:56+01:00Z", "2024-2-29T12:34:56Z", "2024-02-29T1:34:56Z",
        "2024-02-29T12.34.56Z", "20240229T123456Z", "2024-02-29T-1:34:56Z", "2024-02-29T12:34:56Z\u{0}",
        "1709210096", "12024-02-29T12:34:56Z", "2024-02-29\u{74}12:34-56Z", "2024-02-29T12:34:56 Z",
        "0000-12-31T23:59:59.999999Z", "0001-01-01T00:00:00+00:01", "0000-01-01T00:00:00Z", "0000-12-31T22:59:59-01:00",
        "9999-12-31T23:59:59.999999-00:01", "9999-12-31T23:59:59-23:59",
    ])
    func `a text that is no timestamp is none`(_ text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test func `a timestamp that is cut off at any byte is none`() throws {
        let text = "2024-02-29T12:34:56.123456+01:00"
        #expect(Timestamp(text) != nil)
        for length in 0..<text.utf8.count { #expect(Timestamp(String(text.prefix(length))) == nil) }
    }

    @Test func `there is no instant outside the years 1 to 9999`() {
        for instant in [-62_135_596_800_000_001, 253_402_300_800_000_000, .min, .max] as [Int64] {
            #expect(Timestamp(microsecondsSince1970: instant) == nil)
        }
    }

    @Test func `every instant reads back from its text`() throws {
        var random = SeededGenerator(seed: 1)
        var (last, lastText) = (Timestamp?.none, "")
        var instants = (0..<10_000).map { _ in
            Int64.random(in: -62_135_596_800_000_000...253_402_300_799_999_999, using: &random)
        }
        instants.sort()
        for instant in instants {
            let timestamp = try #require(Timestamp(microsecondsSince1970: instant))
            let text = timestamp.description
            #expect(Timestamp(text) == timestamp)
            // Texts are in the order of time, so a database may compare either.
            #expect(lastText <= text)
            if let last { #expect(last <= timestamp) }
            (last, lastText) = (timestamp, text)
        }
    }

    @Test func `an offset moves the instant by itself`() throws {
        let base = try #require(Timestamp("2024-02-29T12:34:56.5Z")).microsecondsSince1970
        for minutes in 0..<1440 {
            let (hour, minute) = (String(100 + minutes / 60).dropFirst(), String(100 + minutes % 60).dropFirst())
            for (sign, factor) in [("+", -60_000_000 as Int64), ("-", 60_000_000)] {
                let timestamp = Timestamp("2024-02-29T12:34:56.5\(sign)\(hour):\(minute)")
                #expect(timestamp?.microsecondsSince1970 == base + Int64(minutes) * factor)
            }
        }
    }
}
