import MartletModel
import Testing

@Suite struct LikePatternTests {
    @Test(arguments: [
        ("Ada", "Ada"), ("A*", "A"), ("A*", "Ada"), ("*a", "Ada"), ("*", ""), ("**", ""), ("**", "Ada"), ("A**a", "Aa"),
        ("*d*", "Ada"), ("a*a", "aa"), ("*ab*ab*", "abab"), (#"\*\,\\"#, #"*,\"#), ("a,b", "a,b"), ("%_", "%_"),
        ("*\u{301}", "e\u{301}"), ("a*b*c", "abbcc"), ("*aab", "aaab"),
    ])
    func `matches`(_ pattern: String, _ text: String) throws {
        #expect(try #require(LikePattern(pattern)).matches(Array(text.utf8), ignoringCase: false))
    }

    @Test(arguments: [
        ("Ada", "ada"), ("Ada", "Adam"), ("A", ""), ("a*a", "a"), ("*ab*ab*", "abba "), ("*ab*ab", "ab"), ("%", "a"),
        ("_", "a"), ("?", "a"), ("[a]", "a"), (".", "a"), ("A*", " Ada"), ("*a", "Ada "), ("\u{E9}", "e\u{301}"),
        ("", "a"), ("*aab*aab", "aaab"),
    ])
    func `doesn't match`(_ pattern: String, _ text: String) throws {
        #expect(try !#require(LikePattern(pattern)).matches(Array(text.utf8), ignoringCase: false))
    }

    @Test(arguments: [
        ("ADA", "ada", true), ("*d*", "ADA", true), ("k", "\u{212A}", false), ("\u{E9}", "\u{C9}", false),
        ("i", "\u{130}", false), ("ss", "\u{DF}", false), ("stra\u{DF}e", "STRA\u{DF}E", true), ("@", "`", false),
        ("[", "{", false), ("z", "Z", true),
    ])
    func `case is that of ASCII's letters`(_ pattern: String, _ text: String, _ isMatch: Bool) throws {
        for (pattern, text) in [(pattern, text), (text, pattern)] where !text.contains("*") {
            let pattern = try #require(LikePattern(pattern))
            #expect(pattern.matches(Array(text.utf8), ignoringCase: true) == (isMatch || pattern.prefix.isEmpty))
        }
    }

    @Test(arguments: [#"\"#, #"a\"#, #"\a"#, #"\%"#, #"\\\"#, #"*\*\"#])
    func `a backslash before anything else makes no pattern`(_ pattern: String) {
        #expect(LikePattern(pattern) == nil)
    }

    @Test(arguments: [
        ("Ada", true, false, "Ada"), ("A*", false, true, "A"), ("*", false, true, ""), ("A*a", false, false, "A"),
        (#"A\**"#, false, true, "A*"), (#"A\*"#, true, false, "A*"), ("*a", false, false, ""),
    ])
    func `a pattern knows what an index can do`(
        _ pattern: String, _ isLiteral: Bool, _ isPrefix: Bool, _ prefix: String
    ) throws {
        let pattern = try #require(LikePattern(pattern))
        #expect((pattern.isLiteral, pattern.isPrefix, pattern.prefix) == (isLiteral, isPrefix, prefix))
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `a random pattern means what it means letter by letter`(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var matches = 0
        for _ in 0..<5000 {
            let source = Self.text(of: ["a", "A", "b", "%", "_", "*", "*", #"\*"#, #"\\"#, #"\,"#, "\u{E9}"], &random)
            let text = Self.text(of: ["a", "a", "A", "b", "%", "_", "*", #"\"#, ",", "\u{E9}", "\u{C9}"], &random)
            let pattern = try #require(LikePattern(source))
            for ignoringCase in [false, true] {
                let isMatch = pattern.matches(Array(text.utf8), ignoringCase: ignoringCase)
                let expected = NaivePattern(source).matches(text, ignoringCase: ignoringCase)
                #expect(isMatch == expected, "\(source) \(ignoringCase ? "ilike" : "like") \(text)")
                if isMatch { matches += 1 }
            }
        }
        // Neither answer may be so rare that nothing is compared.
        #expect((500...9500).contains(matches), "\(matches)")
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func `texts with a prefix are those from it on, up to its end`(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        // Before and behind every step of UTF-8, and the scalars that no other follows.
        let letters = [
            "\u{1}", "a", "b", "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}", "\u{FFFF}",
            "\u{10000}",
            "\u{10FFFE}", "\u{10FFFF}",
        ]
        var found = 0
        for _ in 0..<5000 {
            let prefix = Self.text(of: letters, &random)
            let pattern = try #require(LikePattern(prefix + "*"))
            let start = Bool.random(using: &random) ? prefix : String(prefix.unicodeScalars.dropLast())
            let text = start + Self.text(of: letters, &random)
            let isIn = !text.utf8.lexicographicallyPrecedes(prefix.utf8)
            let isBeforeEnd = pattern.endOfPrefix.map { text.utf8.lexicographicallyPrecedes($0.utf8) } ?? true
            #expect(text.utf8.starts(with: prefix.utf8) == (isIn && isBeforeEnd), "\(prefix.debugDescription)")
            if isIn, isBeforeEnd { found += 1 }
        }
        #expect((1000...4500).contains(found), "\(found)")
    }

    @Test(arguments: [
        ("A", "B"), ("A\u{7F}", "A\u{80}"), ("\u{D7FF}", "\u{E000}"), ("a\u{10FFFF}", "b"),
        ("a\u{10FFFF}\u{10FFFF}", "b"), ("\u{10FFFF}", nil), ("", nil),
    ])
    func `the end of a prefix is the least text behind it`(_ prefix: String, _ end: String?) throws {
        let pattern = try #require(LikePattern(prefix + "*"))
        #expect(pattern.endOfPrefix.map { Array($0.utf8) } == end.map { Array($0.utf8) })
    }

    private static func text(of letters: [String], _ random: inout SeededGenerator) -> String {
        (0..<Int.random(in: 0...6, using: &random)).map { _ in letters.randomElement(using: &random) ?? "" }.joined()
    }
}

/// What a pattern means, by trying everything.
private struct NaivePattern {
    private enum Part {
        case anything
        case byte(UInt8)
    }

    private var parts: [Part] = []

    init(_ source: String) {
        var bytes = source.utf8[...]
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "*"): parts.append(.anything)
            case UInt8(ascii: "\\"): parts.append(.byte(bytes.removeFirst()))
            default: parts.append(.byte(byte))
            }
        }
    }

    func matches(_ text: String, ignoringCase: Bool) -> Bool {
        Self.match(parts[...], Array(text.utf8)[...]) { a, b in
            a == b || (ignoringCase && Self.isLetter(a) && Self.isLetter(b) && a | 0x20 == b | 0x20)
        }
    }

    private static func match(
        _ parts: ArraySlice<Part>, _ text: ArraySlice<UInt8>, _ isSame: (UInt8, UInt8) -> Bool
    ) -> Bool {
        guard let part = parts.first else { return text.isEmpty }
        switch part {
        case .anything:
            return match(parts.dropFirst(), text, isSame) || (!text.isEmpty && match(parts, text.dropFirst(), isSame))
        case .byte(let byte):
            guard let first = text.first, isSame(byte, first) else { return false }
            return match(parts.dropFirst(), text.dropFirst(), isSame)
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
