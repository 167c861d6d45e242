import MartletKernel
import MartletModel
import NIOCore
import Testing

@testable import HTTPTransport

/// The values of the header fields that a write depends on, each read on its own.
struct FieldValueTests {
    private func tags(_ value: String, behind others: EntityTags? = nil) -> EntityTags? {
        Array(value.utf8).withUnsafeBytes { EntityTags($0, behind: others) }
    }

    @Test(
        arguments: [
            ("*", .any), (#""7-0000beef""#, .list([EntityTag(version: 7, checksum: 0xBEEF)])),
            (#"W/"7-0000beef""#, .list([EntityTag(version: 7, checksum: 0xBEEF, isWeak: true)])),
            (#""7-0000beef","x" , W/"y""#, .list([.init(version: 7, checksum: 0xBEEF), .foreign, .weak])),
            (#""""#, .list([.foreign])), (#", ,"x",,"#, .list([.foreign])), (#""é""#, .list([.foreign])),
            // One spelling alone is a record's.
            (#""7-0000BEEF""#, .list([.foreign])), (#""07-0000beef""#, .list([.foreign])),
            (#""+7-0000beef""#, .list([.foreign])), (#""7-+000beef""#, .list([.foreign])),
            (#""--7-0000beef""#, .list([.foreign])), (#""7-beef""#, .list([.foreign])),
            (#""9223372036854775808-0000beef""#, .list([.foreign])), (#""-""#, .list([.foreign])),
            ("", nil), (",", nil), ("x", nil), (#""x"#, nil), (#"x""#, nil), (#""x" "y""#, nil), (#""x""y""#, nil),
            (#""a b""#, nil), (#"w/"x""#, nil), (#"W / "x""#, nil), ("W/", nil), (#"*,"x""#, nil), (#""x",*"#, nil),
            ("**", nil),
        ] as [(String, EntityTags?)])
    func `a list of entity tags is taken as RFC 9110 has it`(value: String, tags: EntityTags?) {
        #expect(self.tags(value) == tags)
    }

    @Test func `fields of one name are one list, but for the asterisk`() {
        let first = tags(#""1-00000000""#)
        #expect(tags(#""2-00000000""#, behind: first) == tags(#""1-00000000", "2-00000000""#))
        #expect(tags("", behind: first) == first)
        #expect(tags("*", behind: first) == nil)
        #expect(tags(#""x""#, behind: .any) == nil)
    }

    @Test(arguments: [Int64.max, 1, 0])
    func `a tag that is written is read as the same`(version: Int64) {
        for checksum in [0, 1, 0x0123_4567, UInt32.max] {
            let tag = EntityTag(version: version, checksum: checksum)
            let head = ResponseHead(status: .ok, common: .json, requestID: "a", entityTag: tag)
            var (codec, output) = (HTTP1Codec(Limits()), ByteBuffer())
            codec.write(head, date: [], variesByOrigin: false, to: &output)
            #expect(String(buffer: output).hasSuffix("\r\nETag: \(tag.text)\r\n\r\n"))
            #expect(tags(tag.text) == .list([tag]))
        }
    }

    @Test(
        arguments: [
            ("abc", "abc"), (#""abc""#, "abc"), (#""a\"b\\c""#, #"a"b\c"#), (#"a"b\c"#, #"a"b\c"#),
            ("a b,c;d", "a b,c;d"),
            (#""a b""#, "a b"), (" ", " "), (String(repeating: "x", count: 255), String(repeating: "x", count: 255)),
            ("\"" + String(repeating: "\\\\", count: 255) + "\"", String(repeating: "\\", count: 255)),
            ("", nil), (#""""#, nil), (#"""#, nil), (#""abc"#, nil), (#""abc"d"#, nil), (#""a\bc""#, nil),
            (#""abc\""#, nil),
            ("é", nil), ("a\tb", nil), (String(repeating: "x", count: 256), nil),
            ("\"" + String(repeating: "x", count: 256) + "\"", nil),
        ] as [(String, String?)])
    func `an idempotency key is bare or a quoted string`(value: String, key: String?) {
        #expect(Array(value.utf8).withUnsafeBytes { IdempotencyKey.read($0) } == key)
    }

    @Test(
        arguments: [
            ("return=minimal", .minimal), ("return=representation", .representation), ("Return=minimal", .minimal),
            (#"return="minimal""#, .minimal), ("return = minimal", .minimal), ("return=minimal; foo=bar", .minimal),
            ("wait=10, return=minimal", .minimal), ("respond-async,return=representation", .representation),
            ("return=minimal, return=representation", .minimal), ("return=other, return=minimal", nil),
            ("return=other", nil), ("return", nil), ("return=Minimal", nil), ("wait=10", nil), ("", nil),
            ("xreturn=minimal", nil), ("foo; return=minimal", nil),
        ] as [(String, Preference?)])
    func `the first preference to return something counts`(value: String, preference: Preference?) {
        #expect((Array(value.utf8).withUnsafeBytes { Preference.read($0) } ?? nil) == preference)
    }

    @Test func `a fingerprint is that of all parts, in whatever order their fields came`() {
        func fingerprint(_ parts: (Fingerprint.Part, String)..., body: String = "{}") -> UInt64 {
            var fingerprint = Fingerprint()
            for (part, text) in parts { Array(text.utf8).withUnsafeBytes { fingerprint.add(part, $0) } }
            return Array(body.utf8).withUnsafeBytes { Fingerprint.whole(fingerprint.head, body: $0) }
        }
        let first = fingerprint((.ifMatch, "a"), (.prefer, "b"))
        #expect(fingerprint((.prefer, "b"), (.ifMatch, "a")) == first)
        let others = [
            fingerprint(), fingerprint((.ifMatch, "b"), (.prefer, "a")), fingerprint((.ifMatch, "ab")),
            fingerprint((.prefer, "b")), fingerprint((.ifMatch, "a"), (.prefer, "b"), body: ""),
            fingerprint((.ifMatch, ""), (.ifMatch, "a"), (.prefer, "b")), fingerprint((.query, "a"), (.prefer, "b")),
        ]
        #expect(Set(others + [first]).count == others.count + 1)
    }
}

extension EntityTag {
    /// One that no record has.
    fileprivate static let foreign = EntityTag(version: nil, checksum: 0)
    fileprivate static let weak = EntityTag(version: nil, checksum: 0, isWeak: true)
}
