import MartletModel
import Testing

@Suite struct RowEncodingTests {
    private var rows: RowBatch {
        var rows = RowBatch(width: 4)
        for cell in [
            Cell.absent, .null, .integer(.min), .integer(.max), .number(.leastNonzeroMagnitude), .number(0),
            .boolean(true),
        ] {
            rows.append(cell)
        }
        rows.append(.boolean(false))
        rows.append(.timestamp(.min))
        rows.append(.date(.max))
        rows.append("")
        rows.append("e\u{301}\u{0}")
        for (tag, count) in [(Cell.Tag.uuid, 16), (.bytes, 0), (.bytes, 300), (.json, 2)] {
            Array(repeating: UInt8(0xFE), count: count).withUnsafeBytes { rows.append(tag, $0) }
        }
        return rows
    }

    @Test func `rows come back from their bytes, one batch behind the other`() throws {
        var bytes: [UInt8] = []
        rows.append(to: &bytes)
        RowBatch(width: 2).append(to: &bytes)
        rows.append(to: &bytes)
        var rest = bytes[...]
        #expect(RowBatch(takenFrom: &rest) == rows)
        #expect(RowBatch(takenFrom: &rest) == RowBatch(width: 2))
        #expect(RowBatch(takenFrom: &rest) == rows)
        #expect(rest.isEmpty)
    }

    @Test func `bytes that are cut off are no rows, wherever it is`() {
        var bytes: [UInt8] = []
        rows.append(to: &bytes)
        for count in 0..<bytes.count {
            var rest = bytes[..<count]
            #expect(RowBatch(takenFrom: &rest) == nil, "\(count) of \(bytes.count) bytes")
        }
    }

    @Test func `bytes that are nothing are no rows`() {
        for bytes: [UInt8] in [
            [0, 0, 0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 1, 0, 0, 0, 11], [1, 0, 0, 0, 1, 0, 0, 0, 255],
            [1, 0, 0, 0, 1, 0, 0, 0, 7, 255, 255, 255, 255], [255, 255, 255, 255, 255, 255, 255, 255],
            // Infinity, and a time and a day that there aren't.
            [1, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0xF0, 0x7F],
            [1, 0, 0, 0, 1, 0, 0, 0, 5, 255, 255, 255, 255, 255, 255, 255, 0x7F],
            [1, 0, 0, 0, 1, 0, 0, 0, 6, 255, 255, 255, 255, 255, 255, 255, 0x7F],
        ] {
            var rest = bytes[...]
            #expect(RowBatch(takenFrom: &rest) == nil, "\(bytes)")
        }
    }

    @Test func `random bytes never end the program`() {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<5000 {
            var bytes: [UInt8] = []
            rows.append(to: &bytes)
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            var rest = bytes[...]
            _ = RowBatch(takenFrom: &rest)
        }
    }

    @Test(arguments: [
        ("[]", "[]"), ("{}", "{}"), (#"{"b":1,"a":2}"#, #"{"a":2,"b":1}"#),
        (#"{"a":[{"z":1,"y":2}],"B":0}"#, #"{"B":0,"a":[{"y":2,"z":1}]}"#),
        // By bytes: the composed letter is behind the decomposed one, and both behind every ASCII letter.
        (#"{"\u00e9":1,"e\u0301":2,"z":3,"":4}"#, "{\"\":4,\"e\u{301}\":2,\"z\":3,\"\u{E9}\":1}"),
        ("[ 1.10 , 1e2 , -0 ]", "[1.10,1e2,-0]"), (#""\u0041\/\u000a""#, #""A/\n""#),
    ])
    func `a document has one form`(_ json: String, _ canonical: String) throws {
        let value = try JSONValue(json: json).canonical
        #expect(Reading.json(value) == canonical)
        #expect(value.canonical == value)
    }
}
