import Foundation
import Testing

@testable import MartletModel

/// Bytes and UUIDs as texts.
@Suite struct EncodingTests {
    private func decode(_ text: String, after bytes: [UInt8] = []) -> [UInt8]? {
        var result = bytes
        let isValid = Array(text.utf8).withUnsafeBytes { Base64.decode($0, appendingTo: &result) }
        if !isValid { #expect(result == bytes) }
        return isValid ? result : nil
    }

    private func encode(_ bytes: [UInt8]) -> String {
        let length = Base64.encodedLength(bytes.count)
        return written(length) { text in
            bytes.withUnsafeBytes { Base64.encode($0, to: text) }
            return length
        }
    }

    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func `base64 is that of the RFC`(_ plain: String, _ text: String) {
        #expect(encode(Array(plain.utf8)) == text)
        #expect(decode(text) == Array(plain.utf8))
        #expect(decode(text, after: [1, 2]) == [1, 2] + Array(plain.utf8))
    }

    @Test(arguments: [
        "Z", "Zg", "Zg=", "Zm8", "Zm9vY", "=", "==", "===", "====", "Z===", "Zg==Zg==", "Zg==Zm9v", "Zm=v", "Z=g=",
        "Zg=v",
        "Zh==", "Zm9=", "Zm8 ", " Zm8=", "Zm9v\n", "Zm9v\r\n\r\n", "Zm-_", "Zm9\u{0}", "Zm9é", "Zm9v====", "=m9v",
        "Zm9vZg=A",
    ])
    func `any other text is no base64`(_ text: String) {
        #expect(decode(text, after: [7]) == nil)
    }

    @Test func `bytes of every length read back from their base64, which is Foundation's`() {
        var random = SeededGenerator(seed: 1)
        for length in 0..<200 {
            let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            let text = encode(bytes)
            #expect(text == Data(bytes).base64EncodedString())
            #expect(decode(text) == bytes)
        }
    }

    @Test func `of all texts of four characters, those are read that bytes have`() {
        let characters = Array("AQgwBPf+/=-_ z")
        for index in 0..<Int(38_416) {
            let text = String([1, 14, 196, 2744].map { characters[index / $0 % 14] })
            #expect(decode(text).map(encode) ?? text == text)
            #expect((decode(text) == nil) == (Data(base64Encoded: text).map { $0.base64EncodedString() } != text))
        }
    }

    @Test func `base64 for URLs has its own two characters, and no padding`() {
        func encode(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { Base64.encode($0, .url) } }
        var random = SeededGenerator(seed: 3)
        for length in 0..<200 {
            let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            let text = self.encode(bytes)
            let expected = text.replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
            #expect(encode(bytes) == expected)
            #expect(Base64.decode(expected, .url) == bytes)
        }
        #expect(encode([0xFB, 0xFF]) == "-_8")
        for text in ["A", "A=", "AB", "+/8", "AAB", "A A", "AA==", "AAA=", "====", "AAAAA"] {
            #expect(Base64.decode(text, .url) == nil, "\(text)")
        }
    }

    @Test(
        arguments: [
            ("/a%20b%2F%C3%A9", Array("/a b/é".utf8)), ("%", nil), ("%1", nil), ("%G0", nil), ("%0g", nil),
            ("a+b", Array("a+b".utf8)),
        ] as [(String, [UInt8]?)])
    func `percent-encoding is taken strictly`(text: String, bytes: [UInt8]?) {
        let decoded = Array(text.utf8).withUnsafeBytes { PercentEncoding.decode($0) }
        #expect(decoded == bytes)
    }

    @Test func `a plus is a space in a query alone`() {
        #expect(
            Array("a+b".utf8).withUnsafeBytes { PercentEncoding.decode($0, plusIsSpace: true) } == Array("a b".utf8))
    }

    @Test func `what isn't unreserved is percent-encoded, in upper case`() {
        #expect(PercentEncoding.encode("aZ09-._~".utf8) == "aZ09-._~")
        #expect(PercentEncoding.encode("a b/é\u{1}*%".utf8) == "a%20b%2F%C3%A9%01%2A%25")
        #expect(PercentEncoding.encode("a/b c".utf8) { $0 != 0x20 } == "a/b%20c")
        let all = (UInt8.min ... .max).map(\.self)
        let encoded = Array(PercentEncoding.encode(all).utf8)
        #expect(encoded.withUnsafeBytes { PercentEncoding.decode($0) } == all)
    }

    @Test func `two digits for each byte are its hexadecimal text`() {
        #expect(hexadecimal([0, 1, 0x9A, 0xFF] as [UInt8]) == "00019aff")
        for digit in UInt8.min ... .max {
            let value = Character(Unicode.Scalar(digit)).isASCII ? Character(Unicode.Scalar(digit)).hexDigitValue : nil
            #expect(digit.hexValue == value.map(UInt8.init))
        }
    }

    private func parse(_ text: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let isValid = bytes.withUnsafeMutableBytes { bytes in
            Array(text.utf8).withUnsafeBytes { UUIDText.parse($0, to: bytes) }
        }
        return isValid ? bytes : nil
    }

    private func text(of uuid: UUID) -> String {
        written(UUIDText.length) { text in
            withUnsafeBytes(of: uuid.uuid) { UUIDText.write($0, to: text) }
            return UUIDText.length
        }
    }

    @Test func `a UUID is read in any case, and written in lower case`() throws {
        let text = "01234567-89ab-cdef-fedc-ba9876543210"
        let bytes: [UInt8] = [
            0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0xFE, 0xDC, 0xBA, 0x98, 0x76, 0x54, 0x32, 0x10,
        ]
        #expect(parse(text) == bytes)
        #expect(parse(text.uppercased()) == bytes)
        #expect(parse("01234567-89aB-cdEF-fEdc-Ba9876543210") == bytes)
        #expect(self.text(of: try #require(UUID(uuidString: text))) == text)
    }

    @Test func `a UUID's text is that of its two words`() {
        #expect(
            UUIDText.text(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)
                == "01234567-89ab-cdef-fedc-ba9876543210")
    }

    @Test(arguments: [
        "", "0123456789abcdeffedcba9876543210", "{01234567-89ab-cdef-fedc-ba9876543210}",
        "01234567-89ab-cdef-fedc-ba987654321", "01234567-89ab-cdef-fedc-ba98765432100",
        "01234567-89ab-cdef-fedc-ba987654321g", "01234567-89ab-cdef-fedcba-9876543210",
        "0123456-789ab-cdef-fedc-ba9876543210", "01234567_89ab_cdef_fedc_ba9876543210",
        "01234567-89ab-cdef-fedc-ba98765432é", "urn:uuid:01234567-89ab-cdef-fedc-ba9876543210",
        "-1234567-89ab-cdef-fedc-ba9876543210", "01234567-89ab-cdef-fedc--a9876543210",
        " 1234567-89ab-cdef-fedc-ba9876543210",
    ])
    func `any other text is no UUID`(_ text: String) {
        #expect(parse(text) == nil)
    }

    @Test func `random UUIDs read back from their texts, which are Foundation's`() {
        for _ in 0..<1000 {
            let uuid = UUID()
            #expect(text(of: uuid) == uuid.uuidString.lowercased())
            #expect(parse(text(of: uuid)) == withUnsafeBytes(of: uuid.uuid) { Array($0) })
        }
    }

    /// RFC 9562, appendix A.6, but for the 12 bits that are random there and a fraction of a millisecond here.
    @Test(
        arguments: [
            (1_645_557_742_000_000, "017f22e2-79b0-7000-98c4-dc0c0c07398f"),
            (1_645_557_742_000_001, "017f22e2-79b0-7004-98c4-dc0c0c07398f"),
            (1_645_557_742_000_500, "017f22e2-79b0-7800-98c4-dc0c0c07398f"),
            (1_645_557_742_000_999, "017f22e2-79b0-7ffb-98c4-dc0c0c07398f"),
            (0, "00000000-0000-7000-98c4-dc0c0c07398f"), (-1, "00000000-0000-7000-98c4-dc0c0c07398f"),
            (.min, "00000000-0000-7000-98c4-dc0c0c07398f"),
        ] as [(Int64, String)])
    func `a UUID of version 7 has its time in front`(_ now: Int64, _ text: String) {
        for unused in [0, 0x4000_0000_0000_0000, 0x8000_0000_0000_0000, 0xC000_0000_0000_0000] as [UInt64] {
            #expect(self.text(of: UUIDv7.bytes(now: now) { 0x18C4_DC0C_0C07_398F | unused }) == text)
        }
    }

    @Test func `UUIDs of different microseconds are in the order of time`() {
        var random = SeededGenerator(seed: 2)
        let texts = (0..<3000).map { text(of: UUIDv7.bytes(now: 1_700_000_000_000_000 + $0) { random.next() }) }
        #expect(texts == texts.sorted())
        #expect(Set(texts).count == 3000)
    }
}
