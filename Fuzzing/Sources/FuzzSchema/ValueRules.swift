import FoundationEssentials
import FuzzSupport

@testable import MartletModel

/// A text that is read as a value: what is written of it is read as the same value, and stays the same text.
enum ValueRules {
    static func check(_ text: UnsafeRawBufferPointer) {
        if let value = Timestamp(utf8: text) {
            check(value, "\(value)", Timestamp.init(_:))
            checkSpelling(of: value, String(decoding: text, as: UTF8.self))
        }
        if let value = CalendarDate(utf8: text) {
            check(value, "\(value)", CalendarDate.init(_:))
            let parts = CalendarDate(year: value.year, month: value.month, day: value.day)
            Fuzzer.expect(parts == value, "\(value) has its year, month and day")
            Fuzzer.expect("\(value)".utf8.elementsEqual(text), "a date has one spelling: \(value)")
        }
        if let value = UUID(text: text) { check(value, value.text) { text in read(text) { UUID(text: $0) } } }
        checkBase64(text)
        checkEmail(text)
        if let string = String(validating: text, as: UTF8.self) { checkKeys(string) }
    }

    private static func check<Value: Equatable>(_ value: Value, _ text: String, _ read: (String) -> Value?) {
        Fuzzer.expect(read(text) == value, "\(text) is read as it was written")
    }

    /// What is written says what was read, part by part: the digits of a text in UTC, and how far another is from it.
    private static func checkSpelling(of value: Timestamp, _ text: String) {
        let (local, rest) = (text.prefix(19).uppercased(), text.dropFirst(19))
        let fraction = rest.first == "." ? rest.dropFirst().prefix { $0.isNumber } : ""
        let utc = "\(local).\(fraction)" + String(repeating: "0", count: 6 - fraction.count) + "Z"
        guard let sign = rest.lastIndex(where: { $0 == "+" || $0 == "-" }) else {
            return Fuzzer.expect("\(value)" == utc, "\(text) is written as \(utc), not \(value)")
        }
        let parts = rest[sign...].dropFirst().split(separator: ":").compactMap { Int64($0) }
        let ahead = (parts[0] * 60 + parts[1]) * (rest[sign] == "+" ? 60_000_000 : -60_000_000)
        // The first and the last day of all may be none in UTC.
        guard let instant = Timestamp(utc)?.microsecondsSince1970 else { return }
        Fuzzer.expect(value.microsecondsSince1970 == instant - ahead, "\(text) is \(ahead) µs ahead of \(utc)")
    }

    private static func checkBase64(_ text: UnsafeRawBufferPointer) {
        var bytes: [UInt8] = []
        guard Base64.decode(text, appendingTo: &bytes) else {
            return Fuzzer.expect(bytes.isEmpty, "what is refused leaves nothing behind")
        }
        var again = [UInt8](repeating: 0, count: Base64.encodedLength(bytes.count))
        bytes.withUnsafeBytes { bytes in again.withUnsafeMutableBytes { Base64.encode(bytes, to: $0) } }
        Fuzzer.expect(again.elementsEqual(text), "base64 has one spelling")
    }

    private static func checkEmail(_ text: UnsafeRawBufferPointer) {
        guard isEmailAddress(text) else { return }
        let isPrintable = text.allSatisfy { 0x21...0x7E ~= $0 }
        Fuzzer.expect(isPrintable && text.count { $0 == UInt8(ascii: "@") } == 1, "an address is ASCII with one @")
    }

    private static func checkKeys(_ text: String) {
        for schema in Schemas.all {
            guard let key = Key(text, for: schema) else { continue }
            Fuzzer.expect(Key(key.description, for: schema) == key, "\(key) is read as it was written")
            let isPlain = key.pathSegment.utf8.allSatisfy { 0x21...0x7E ~= $0 && $0 != UInt8(ascii: "/") }
            Fuzzer.expect(isPlain, "a path takes \(key.pathSegment)")
            var rows = RowBatch(width: 1)
            rows.appendAbsentRow()
            key.store(in: &rows, row: 0, column: 0)
            Fuzzer.expect(Key(rows[0, 0], of: rows) == key, "\(key) is stored as it is")
        }
    }

    private static func read<R>(_ text: String, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        Array(text.utf8).withUnsafeBytes(body)
    }
}
