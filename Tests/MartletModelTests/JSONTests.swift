import Testing
import UsersModel

@testable import MartletModel

@Suite struct JSONTests {
    private func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        try bytes.withUnsafeBytes { bytes in Result { () throws(JSONError) in try JSONValue(json: bytes) } }.get()
    }

    private func write(_ value: JSONValue) -> String {
        var writer = JSONWriter()
        writer.write(value)
        return writer.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `the corpus has at least 300 documents, each once`() {
        let all = (JSONCorpus.accepted + JSONCorpus.rejected).map(\.bytes)
        #expect(all.count >= 300)
        #expect(JSONCorpus.accepted.count >= 100)
        #expect(Set(JSONCorpus.accepted.map(\.bytes)).isDisjoint(with: JSONCorpus.rejected.map(\.bytes)))
    }

    @Test(arguments: JSONCorpus.accepted)
    func `a valid text is accepted, and means the same when it is written again`(_ document: JSONCorpus.Document) throws
    {
        let value = try parse(document.bytes)
        #expect(try JSONValue(json: write(value)) == value)
    }

    @Test(arguments: JSONCorpus.rejected)
    func `an invalid text is rejected at an offset inside it`(_ document: JSONCorpus.Document) throws {
        let error = #expect(throws: JSONError.self) { try parse(document.bytes) }
        #expect((0...document.bytes.count).contains(try #require(error).offset))
    }

    /// The reader of records skips what it doesn't know: no less strictly.
    @Test(arguments: JSONCorpus.accepted)
    func `a valid text is a valid value of an unknown member`(_ document: JSONCorpus.Document) throws {
        // The object around it is a level of its own.
        guard document.bytes.filter({ $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{") }).count < 32 else { return }
        #expect(code(of: body(around: document)) == .validationFailed)
    }

    @Test(arguments: JSONCorpus.rejected)
    func `an invalid text is an invalid value of a member`(_ document: JSONCorpus.Document) {
        // These make valid texts out of a value and the brace behind it, or hold a member of their own.
        guard !["null,", "1,000", ""].contains(String(decoding: document.bytes, as: UTF8.self)) else { return }
        #expect(code(of: body(around: document)) == .malformedJSON)
        #expect(code(of: Array("{\"name\":".utf8) + document.bytes + Array("}".utf8)) == .malformedJSON)
    }

    @Test func `a text that is cut off at any byte is rejected`() throws {
        let text = #" {"name" : "A\u00e9\ud83d\ude00é\n" , "x":[1.5e-3,{"y":null,"z":[true,false]}],"email":"a@b.c"} "#
        let bytes = Array(text.utf8)
        _ = try parse(bytes)
        for end in 0..<(bytes.count - 2) {
            #expect(throws: JSONError.self) { try parse(Array(bytes[..<end])) }
            #expect(code(of: Array(bytes[..<end])) == .malformedJSON, "cut at \(end)")
        }
    }

    @Test(arguments: [
        ("\"\\u0041\\n\\/\\\\\\\"\"", "A\n/\\\""), ("\"\\ud83d\\ude00\"", "😀"), ("\"\\uD800\\uDC00\"", "\u{10000}"),
        ("\"\\uDBFF\\uDFFF\"", "\u{10FFFF}"), ("\"\\u0000\"", "\0"), ("\"a\\u00e9b\"", "aéb"),
        ("\"\\b\\f\\r\\t\"", "\u{8}\u{C}\r\t"),
    ])
    func `escapes spell their characters`(_ json: String, _ string: String) throws {
        #expect(try JSONValue(json: json) == .string(string))
    }

    @Test func `the writer escapes what must be, wherever it stands, and nothing else`() throws {
        #expect(write("\"\\\u{0}\u{8}\t\n\u{C}\r\u{1F}") == #""\"\\\u0000\b\t\n\f\r\u001f""#)
        #expect(write("/é😀\u{7F}\u{2028}") == "\"/é😀\u{7F}\u{2028}\"")
        for length in 0..<20 {
            for place in 0...length {
                for special in ["\"", "\\", "\u{1}", "\u{1F}", "é", " ", "!", "#", "[", "]"] {
                    let text =
                        String(repeating: "a", count: place) + special + String(repeating: "z", count: length - place)
                    #expect(try JSONValue(json: write(.string(text))) == .string(text))
                }
            }
        }
    }

    @Test func `a string has the room that its escapes need, however little there is at first`() throws {
        for escapes in 1..<20 {
            for plain in 0..<60 {
                let text = String(repeating: "\u{1}", count: escapes) + String(repeating: "a", count: plain)
                var writer = JSONWriter(capacity: 1)
                writer.write(.string(text))
                let json = writer.withBytes { String(decoding: $0, as: UTF8.self) }
                #expect(try JSONValue(json: json) == .string(text))
            }
        }
    }

    @Test(
        arguments: [
            ("0", .value(0)), ("-0", .value(0)), ("1.0", .value(1)), ("1e2", .value(100)), ("1.5e1", .value(15)),
            ("100e-2", .value(1)),
            ("0e999999999999999999999", .value(0)), ("0.000e-5", .value(0)), ("9223372036854775807", .value(.max)),
            ("-9223372036854775808", .value(.min)), ("9223372036854775808", .outOfRange),
            ("-9223372036854775809", .outOfRange),
            ("922337203685477580.7e1", .value(.max)), ("9223372036854775807.0", .value(.max)), ("1.5", .notIntegral),
            ("1e-1", .notIntegral),
            ("123e-2", .notIntegral), ("1e19", .outOfRange), ("1e18", .value(1_000_000_000_000_000_000)),
            ("1e400", .outOfRange),
            ("1e-400", .notIntegral), ("99999999999999999999", .outOfRange), ("0.99999999999999999999", .notIntegral),
            ("10e18", .outOfRange),
            ("18446744073709551616", .outOfRange), ("100000000000000000000e-2", .value(1_000_000_000_000_000_000)),
            ("1e99999999999999999999999", .outOfRange), ("1e-99999999999999999999999", .notIntegral),
            ("-1.50e+1", .value(-15)),
            ("0.00000000000000000001e20", .value(1)), ("1000000000000000000000000.5", .notIntegral),
        ] as [(String, JSONInteger)])
    func `an integer is read exactly, in any notation`(_ spelling: String, _ expected: JSONInteger) {
        var spelling = spelling
        let integer = spelling.withUTF8 { JSONInteger(UnsafeRawBufferPointer($0)) }
        #expect(integer == expected)
    }

    @Test func `integers are written as they are`() throws {
        for value in [Int64.min, .min + 1, -10, -9, -1, 0, 1, 9, 10, 11, 99, 100, 999_999, .max - 1, .max] {
            var rows = RowBatch(width: 4)
            rows.append(.integer(value))
            rows.append("")
            rows.append(.null)
            rows.append(.absent)
            var writer = JSONWriter()
            writer.write(row: 0, of: rows, User.schema.resource)
            #expect(
                writer.withBytes { String(decoding: $0, as: UTF8.self) }
                    == "{\"id\":\(value),\"name\":\"\",\"email\":null}")
        }
    }

    private func body(around document: JSONCorpus.Document) -> [UInt8] {
        Array("{\"unknown\":".utf8) + document.bytes + Array("}".utf8)
    }

    private func code(of body: [UInt8]) -> ProblemCode? {
        body.withUnsafeBytes { body in
            do throws(Problem) {
                _ = try ValidatedRow(json: body, User.schema.resource, for: .create)
                return nil
            } catch {
                return error.code
            }
        }
    }
}
