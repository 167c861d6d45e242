import FoundationEssentials
import MartletModel

/// Values of every type that storages get wrong. No two of a type are equal.
enum Extremes {
    static let integers: [Int64] = [
        .min, .min + 1, -(1 << 53) - 1, -1, 0, 1, 1 << 31, 1 << 53 + 1, .max - 1, .max,
    ]

    static let numbers: [Double] = [
        -.greatestFiniteMagnitude, -1 / 3, -.leastNonzeroMagnitude, 0, .leastNonzeroMagnitude, .leastNormalMagnitude,
        0.1, 0.1 + 0.2, 0.3, 1, 1.0.nextUp, 9_007_199_254_740_992, 1e15, 1e16, 123_456_789.123_456_79, .pi * 1e300,
        .greatestFiniteMagnitude,
    ]

    static let timestamps: [Timestamp] =
        [.min, .max, .epoch]
        + [
            -62_135_596_799_999_999, -1, 1, 999_999, -1_000_001, 951_782_399_999_999, 1_782_864_000_123_456,
            253_402_300_799_999_998,
        ].map(Timestamp.init(clamping:))

    static let dates: [CalendarDate] =
        [.min, .max, .epoch] + [-719_161, -1, 1, 11_016, 20_635, 2_932_895].map(CalendarDate.init(clamping:))

    /// In no order: the bytes decide, not their signs, and not the numbers that a machine could take them for.
    static let uuids: [UUID] = [
        UUID(uuid: (0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
        UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
        UUID(uuid: (0x7F, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
        UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)),
        UUID(uuid: (0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
        UUID(uuid: (0, 0, 0, 0, 1, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0)),
        UUID(uuid: (0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0xFE, 0xDC, 0xBA, 0x98, 0x76, 0x54, 0x32, 0x10)),
        UUID(uuid: (255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255)),
    ]

    static let bytes: [[UInt8]] = [
        [], [0], [0, 0], [0xFF], Array(0...255), Array("null".utf8), Array("e\u{301}".utf8), [0xC3], [0x5C, 0x78],
    ]

    /// Each in canonical form, as every row has it.
    static let documents: [JSONValue] = [
        .object([]), .array([]), .string(""), .bool(false), .number("0"), .number("1e400"), .number("1.10"),
        .array([.null, .bool(true), .array([.array([])]), .object([])]),
        .object([
            .init("", .null), .init("A", .number("12345678901234567890")),
            .init("a", .string("\u{0}it's \"\\ \u{1}\u{7F}")),
            .init("a\u{301}", .string("e\u{301}")), .init("\u{E1}", .string("\u{E9}")),
            .init("\u{1F600}", .array([.string("\u{10FFFF}")])),
        ]),
    ]

    /// A document of some hundred kilobytes.
    static let largeDocument = JSONValue.array((0..<4000).map { .object([.init("number \($0)", .integer($0))]) })
}
