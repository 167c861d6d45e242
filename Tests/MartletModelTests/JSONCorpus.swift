/// JSON texts, written from RFC 8259: each is either in the language or not.
enum JSONCorpus {
    /// Bytes that may not be UTF-8.
    struct Document: Sendable, CustomStringConvertible {
        let bytes: [UInt8]

        init(_ text: String) { bytes = Array(text.utf8) }
        init(bytes: [UInt8]) { self.bytes = bytes }
        /// A string that holds these bytes between its quotes.
        init(inString bytes: [UInt8]) { self.bytes = [0x22] + bytes + [0x22] }

        var description: String { String(decoding: bytes, as: UTF8.self).debugDescription }
    }

    static let accepted: [Document] =
        (values + numbers + strings + structures).map { Document($0) }
        + wellFormedUTF8.map(Document.init(inString:)) + escapedControls + [nested(35, "["), nested(35, "{\"a\":")]

    static let rejected: [Document] =
        (noValues + noNumbers + noStrings + noStructures + duplicates).map { Document($0) }
        + illFormedUTF8.map(Document.init(inString:)) + rawControls + otherEncodings + noWhiteSpace
        + [
            nested(36, "["), nested(36, "{\"a\":"),
            Document(bytes: Array(repeating: UInt8(ascii: "["), count: 100_000)),
        ]

    // MARK: Section 3: values

    static let values = [
        "null", "true", "false", "0", "\"\"", "[]", "{}", " null", "null ", "\tnull\t", "\nnull\n", "\rnull\r",
        " \t\n\r null \t\n\r ",
    ]
    static let noValues = [
        "", " ", "\t\n\r ", "nul", "nulll", "Null", "NULL", "nil", "None", "undefined", "tru", "True", "TRUE", "truee",
        "fals", "False", "falsee", "yes", "no", "on", "NaN", "nan", "Infinity", "-Infinity", "inf", "'a'", "a",
        "true false",
        "1 2", "null null", "\"a\" \"b\"", "[] []", "{} {}", "{}[]", "null,", ",", ":", "]", "}", "/**/null", "null//x",
        "#x\n1",
        "null/**/", "nu ll", "t", "f", "n", "-", "`a`", "(1)", "$", "1;", "null\\n", "\\u006eull",
    ]
    /// What other languages call white space.
    static let noWhiteSpace: [Document] =
        [0x0B, 0x0C, 0x00, 0x08, 0x1F, 0x7F, 0x1C].map { Document(bytes: [$0, 0x31]) }
        + ["\u{A0}1", "\u{2028}1", "\u{3000}1", "\u{FEFF}1", "\u{85}1", "1\u{A0}", "1\u{FEFF}", "[1,\u{A0}2]"].map {
            Document($0)
        }

    // MARK: Section 6: numbers

    static let numbers = [
        "-0", "1", "-1", "9", "10", "123456789", "0.0", "-0.0", "0.5", "1.5", "1.50", "100.001", "1e1", "1E1", "1e+1",
        "1e-1", "1E+1",
        "1E-1", "0e0", "0e+0", "0e-0", "-0e1", "0.1e1", "1.5e10", "1.5E-10", "1e01", "1e00", "1e0001",
        "9223372036854775807",
        "-9223372036854775808", "9223372036854775808", "18446744073709551616", "1e400", "-1e400", "1e-400",
        "1e99999999999999999999",
        "1e-99999999999999999999", "123456789012345678901234567890", "0.1234567890123456789012345678901234567890",
        "1.0", "20e1",
    ]
    static let noNumbers = [
        "+1", "+0", "01", "00", "-01", "-00", "1.", ".5", "-.5", "0.", "-0.", "1.e1", "1e", "1E", "1e+", "1e-", "1e+-1",
        "1ee1",
        "1e1.5", "1e1e1", "1.5.5", "--1", "-+1", "+-1", "1-", "1+", "1+1", "0x1", "0X1", "0b1", "0o7", "1_000", "1,000",
        "1 000",
        "1a", "1f", "1d", "1L", "1n", "0xFF", "1e1f", "- 1", "1 .5", "1. 5", "1e 5", "1 e5", "1.5e", "-e1", "e1", "E1",
        ".", "-.", "٣", "１", "½",
        "1/2", "1%", "$1", "1e٣", "-NaN", "-nan", "1.0e", "0e", "0e+", "00.5", "-a", "1\u{2212}", "−1",
    ]

    // MARK: Section 7: strings

    static let strings = [
        #""a""#, #"" ""#, #""\"""#, #""\\""#, #""\/""#, #""/""#, #""\b""#, #""\f""#, #""\n""#, #""\r""#, #""\t""#,
        #""\u0000""#,
        #""\u0041""#, #""\u00e9""#, #""\u00E9""#, #""\uFFFF""#, #""\uFFFE""#, #""\ud7ff""#, #""\ue000""#,
        #""\uD83D\uDE00""#, #""\ud83d\ude00""#,
        #""\uD800\uDC00""#, #""\uDBFF\uDFFF""#, #""a\u0062c""#, #""\\u0041""#, #""\\\\""#, #""\\\"""#, #""\u005C""#,
        #""\u0022""#,
        #""\uD83D\uDE00\uD83D\uDE00""#, #""'""#, #""{}[],:""#, #""//""#, #""/*""#, #""é""#, #""日本語""#, #""😀""#,
        #""e\#u{301}""#, "\"\u{7F}\"",
        "\"\u{80}\"", "\"\u{9F}\"", "\"\u{2028}\u{2029}\"", "\"\u{FEFF}\"", "\"\u{FFFD}\"", "\"\u{10FFFF}\"",
        "\"\u{200D}\"",
    ]
    static let noStrings = [
        #"""#, #""a"#, #"a""#, #""\""#, #""\"#, #""\x41""#, #""\a""#, #""\v""#, #""\0""#, #""\1""#, #""\'""#,
        #""\U0041""#, #""\e""#, #""\ ""#,
        #""\u""#, #""\u0""#, #""\u00""#, #""\u004""#, #""\u004g""#, #""\u 041""#, #""\u+041""#, #""\u{41}""#,
        #""\uD800""#, #""\uDBFF""#,
        #""\uDC00""#, #""\uDFFF""#, #""\uD800a""#, #""\uD800\n""#, #""\uD800\\""#, #""\uD800\u0041""#,
        #""\uD800\uD800""#, #""\uDC00\uD800""#,
        #""\uD800\uE000""#, #""\uD800\u""#, #""\uD800\uDC0""#, #""\uD83D \uDE00""#, #""\uD83D\uDE00\uD83D""#, #""a"b""#,
        #"""""#, #""a""b""#, #""\"#,
        "'a'", "\u{201C}a\u{201D}", #""\u00٣9""#,
    ]
    static let escapedControls: [Document] = (0..<0x20).map { control in
        Document("\"\\u00" + (control < 16 ? "0" : "") + String(control, radix: 16) + "\"")
    }
    static let rawControls: [Document] = (0..<0x20).map { Document(inString: [UInt8(ascii: "a"), $0]) }

    // MARK: Section 8: UTF-8, by table 3-7 of the Unicode standard

    static let wellFormedUTF8: [[UInt8]] = [
        [0x7F], [0xC2, 0x80], [0xDF, 0xBF], [0xE0, 0xA0, 0x80], [0xE0, 0xBF, 0xBF], [0xE1, 0x80, 0x80],
        [0xEC, 0xBF, 0xBF],
        [0xED, 0x80, 0x80], [0xED, 0x9F, 0xBF], [0xEE, 0x80, 0x80], [0xEF, 0xBF, 0xBF], [0xEF, 0xBB, 0xBF],
        [0xF0, 0x90, 0x80, 0x80],
        [0xF0, 0xBF, 0xBF, 0xBF], [0xF1, 0x80, 0x80, 0x80], [0xF3, 0xBF, 0xBF, 0xBF], [0xF4, 0x80, 0x80, 0x80],
        [0xF4, 0x8F, 0xBF, 0xBF],
    ]
    static let illFormedUTF8: [[UInt8]] = [
        [0x80], [0xBF], [0xC0, 0x80], [0xC0, 0xAF], [0xC1, 0xBF], [0xC2], [0xC2, 0x22], [0xC2, 0x7F], [0xC2, 0xC0],
        [0xDF, 0x7F], [0xE0, 0x80, 0x80],
        [0xE0, 0x9F, 0xBF], [0xE0, 0xA0], [0xE0, 0xA0, 0x7F], [0xE1, 0x80], [0xE1, 0x80, 0xC0], [0xED, 0xA0, 0x80],
        [0xED, 0xAF, 0xBF],
        [0xED, 0xB0, 0x80], [0xED, 0xBF, 0xBF], [0xEF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
        [0xF0, 0x90, 0x80],
        [0xF0, 0x90, 0x80, 0x7F], [0xF1, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF4, 0x8F, 0xBF, 0xC0],
        [0xF5, 0x80, 0x80, 0x80],
        [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFC, 0x84, 0x80, 0x80, 0x80, 0x80], [0xFE], [0xFF], [0xE9], [0x61, 0xC3],
        [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80],
    ]
    /// A byte order mark, and the encodings that a lenient reader would detect.
    static let otherEncodings: [Document] = [
        [0xEF, 0xBB, 0xBF, 0x31], [0xFF, 0xFE, 0x31, 0x00], [0xFE, 0xFF, 0x00, 0x31], [0x31, 0x00], [0x00, 0x31],
        [0x31, 0x00, 0x00, 0x00],
        [0x00, 0x00, 0x00, 0x31], [0xFF, 0xFE, 0x00, 0x00, 0x31, 0x00, 0x00, 0x00],
    ].map { Document(bytes: $0) }

    // MARK: Sections 4 and 5: objects and arrays

    static let structures = [
        "[1]", "[1,2]", "[ 1 , 2 ]", "[null,true,false,0,\"\",[],{}]", "[[]]", "[[],[]]", "[{}]", "{\"a\":1}",
        "{ \"a\" : 1 }", "{\"a\":1,\"b\":2}",
        "{\"\":0}", "{\"a\":{}}", "{\"a\":[]}", "{\"a\":{\"a\":{\"a\":1}}}", "{\"a\":1,\"A\":2}",
        "{\"é\":1,\"e\u{301}\":2}", "{\"\\u0061\":1}",
        "{\"a\\n\":1}", "[\n1\n,\n2\n]", "{\n\"a\"\n:\n1\n}", "[[1,2],[3,4]]", "{\"a\":[{\"b\":[{\"c\":null}]}]}",
        "[\"a\",\"a\"]",
        "[{\"a\":1},{\"a\":1}]", "{\"a\":{\"b\":1},\"b\":{\"a\":1}}", "{\"null\":null,\"true\":true}", "[-1,-0,1e1]",
        "{\"0\":0}",
    ]
    static let noStructures = [
        "[", "{", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1;2]", "[1:2]", "[\"a\":1]", "[1}", "{1]",
        "{]", "[}", "[[]", "[]]",
        "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,\"a\":1}", "{,}", "{\"a\"}", "{\"a\",1}",
        "{\"a\" 1}", "{\"a\"=1}", "{\"a\"::1}",
        "{\"a\":1 \"b\":2}", "{\"a\":1;\"b\":2}", "{a:1}", "{'a':1}", "{1:1}", "{null:1}", "{true:1}", "{[]:1}",
        "{{}:1}", "{\"a\":}", "{:1}",
        "{\"a\":1}}", "{{}}", "[/**/]", "[1,//\n2]", "{\"a\":1,,\"b\":2}", "[...]", "{\"a\":1]", "{\"a\":undefined}",
        "{\"a\":NaN}", "{\"a\":+1}",
        "{\"a\":01}", "[1,\n]", "{\"a\":1,\n}", "[\"a]", "{\"a:1}", "{\"a\":1} x", "[1] ,", "{\"a\" : 1 :}",
        "[\"\\ud800\"]", "{\"\\ud800\":1}",
    ]
    static let duplicates = [
        #"{"a":1,"a":1}"#, #"{"a":1,"a":2}"#, #"{"a":1,"b":2,"a":3}"#, #"{"a":1,"\u0061":2}"#,
        #"{"\u0061":1,"\u0061":2}"#,
        #"{"":1,"":2}"#, #"{"é":1,"\u00e9":2}"#, #"{"😀":1,"\ud83d\ude00":2}"#, #"{"\n":1,"\u000a":2}"#,
        #"{"/":1,"\/":2}"#,
        #"[{"a":1,"a":1}]"#, #"{"x":{"a":1,"a":1}}"#, #"{"x":[{"y":{"a":1,"\u0061":1}}]}"#, #"{"\"":1,"\u0022":2}"#,
        #"{"\\":1,"\u005c":2}"#,
    ]

    private static func nested(_ depth: Int, _ opening: String) -> Document {
        let closing = opening == "[" ? "]" : "}"
        let inner = opening == "[" ? "" : "1"
        return Document(String(repeating: opening, count: depth) + inner + String(repeating: closing, count: depth))
    }
}
