/// A type that a ``Setting`` can have. Its text is the same in YAML, in `--set` and in the environment.
public protocol SettingValue: Sendable {
    /// What messages call it, with its article.
    static var typeName: String { get }
    /// Whether its text has parts between commas, which YAML may then have as a list.
    static var isList: Bool { get }
    init?(text: String)
    /// As it would be written.
    var text: String { get }
}

extension SettingValue {
    public static var isList: Bool { false }
}

extension String: SettingValue {
    public static var typeName: String { "a string" }
    public init?(text: String) { self = text }
    public var text: String { self }
}

extension Int: SettingValue {
    public static var typeName: String { "an integer" }
    public init?(text: String) { self.init(text, radix: 10) }
    public var text: String { String(self) }
}

extension Bool: SettingValue {
    public static var typeName: String { "true or false" }
    public init?(text: String) { self.init(text) }
    public var text: String { String(self) }
}

/// A time span: a whole number and `ms`, `s`, `m` or `h`.
extension Duration: SettingValue {
    public static var typeName: String { "a duration such as 500ms, 10s or 2m" }

    public init?(text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int64(digits) else { return nil }
        let milliseconds: Int64
        switch text[digits.endIndex...] {
        case "ms": milliseconds = 1
        case "s": milliseconds = 1000
        case "m": milliseconds = 60_000
        case "h": milliseconds = 3_600_000
        default: return nil
        }
        let (total, overflow) = count.multipliedReportingOverflow(by: milliseconds)
        guard !overflow else { return nil }
        self = .milliseconds(total)
    }

    public var text: String {
        let (seconds, attoseconds) = components
        return attoseconds == 0 ? "\(seconds)s" : "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)ms"
    }
}

/// A number of bytes: a whole number, alone or with `KiB`, `MiB` or `GiB`.
public struct ByteCount: SettingValue, Comparable {
    public let bytes: Int

    public init(_ bytes: Int) {
        self.bytes = bytes
    }

    public static func kibibytes(_ count: Int) -> ByteCount { ByteCount(count << 10) }
    public static func mebibytes(_ count: Int) -> ByteCount { ByteCount(count << 20) }

    public static var typeName: String { "a size such as 4096, 64KiB or 1MiB" }

    public init?(text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int(digits) else { return nil }
        let unit: Int
        switch text[digits.endIndex...] {
        case "": unit = 1
        case "KiB": unit = 1 << 10
        case "MiB": unit = 1 << 20
        case "GiB": unit = 1 << 30
        default: return nil
        }
        let (total, overflow) = count.multipliedReportingOverflow(by: unit)
        guard !overflow else { return nil }
        bytes = total
    }

    public var text: String {
        for (shift, unit) in [(30, "GiB"), (20, "MiB"), (10, "KiB")]
        where bytes >= 1 << shift && bytes % (1 << shift) == 0 {
            return "\(bytes >> shift)\(unit)"
        }
        return String(bytes)
    }

    public static func < (a: ByteCount, b: ByteCount) -> Bool { a.bytes < b.bytes }
}
