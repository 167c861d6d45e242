import Testing

@testable import MartletModel

@Suite struct PatternTests {
    @Test(arguments: [
        ("a", ["a", "ba", "ab"], ["", "b", "A"]),
        ("abc", ["abc", "xabcx", "ababc"], ["ab", "acb", "ab c"]),
        ("^abc$", ["abc"], ["", "xabc", "abcx", "abc\n", "\nabc"]),
        ("^$", [""], ["a", "\n"]), ("^", ["", "a"], []), ("$", ["", "a"], []), ("$^", [""], ["a"]),
        ("a$", ["a", "ba"], ["ab", "a\n"]), ("a^b", [], ["ab", "a\nb"]), ("a$b", [], ["ab", "a\nb"]),
        ("a|b", ["a", "b", "xb"], ["", "c"]), ("^a|b$", ["ax", "xb"], ["xa", "bx"]),
        ("^(a|b|cd)$", ["a", "b", "cd"], ["c", "d", "ab", ""]),
        ("^a*$", ["", "a", "aaaa"], ["b", "ab"]), ("^a+$", ["a", "aaa"], ["", "b", "aba"]),
        ("^a?$", ["", "a"], ["aa"]), ("^ab?c$", ["ac", "abc"], ["abbc"]),
        ("^a{2}$", ["aa"], ["a", "aaa"]), ("^a{2,}$", ["aa", "aaaaa"], ["", "a"]),
        ("^a{2,3}$", ["aa", "aaa"], ["a", "aaaa"]), ("^a{0}$", [""], ["a"]), ("a{0}", ["", "b"], []),
        ("^a{0,2}b{1,1}$", ["b", "ab", "aab"], ["aaab", "a", "abb"]), ("^a{0,}$", ["", "aa"], ["b"]),
        ("^(ab){2}$", ["abab"], ["ab", "ababab"]), ("^(ab|c)*d$", ["d", "abd", "cabcd"], ["ad", "abab"]),
        ("^(a{2}){2,3}$", ["aaaa", "aaaaaa"], ["aa", "aaaaa", "aaaaaaaa"]),
        ("(^a)b", ["ab"], ["xab"]), ("(^|x)a", ["a", "xa"], ["ya"]), ("(^|x)*a", ["a", "ya"], ["b"]),
        ("(a|$b){2}", ["aa"], ["b", "a", "ab"]),
        ("^(a$|b){2}$", ["ba", "bb"], ["ab", "aa"]), ("(a|^b){1,2}c", ["bc", "ac", "bac"], ["xbc"]),
        ("^(a*)*$", ["", "a", "aa"], ["b"]), ("^(a*)+$", ["", "aa"], ["b"]), ("^((a*)*|b)*c$", ["c", "abac"], ["d"]),
        ("^(a?){3}$", ["", "a", "aaa"], ["aaaa"]), ("^((a{0}|b{0})c?)*$", ["", "c", "cc"], ["a"]),
        ("^-/ '\"`~#@!%&=_;:,<>$", ["-/ '\"`~#@!%&=_;:,<>"], ["-"]),
    ])
    func `a pattern matches what it says`(_ source: String, _ matching: [String], _ other: [String]) throws {
        try check(source, matching, other)
    }

    @Test(arguments: [
        ("^[abc]$", ["a", "b", "c"], ["d", "", "ab", "`"]), ("^[^abc]$", ["d", "é", "\n"], ["a", "b", ""]),
        ("^[a-c]$", ["a", "b", "c"], ["d", "-", "`"]), ("^[a-a]$", ["a"], ["b"]),
        ("^[a-cx-z0-9]+$", ["abcxyz059"], ["d", "w", "-"]),
        ("^[-a]$", ["-", "a"], ["b"]), ("^[a-]$", ["-", "a"], ["b"]), ("^[a-c-]$", ["-", "b"], ["d"]),
        ("^[^-a]$", ["b", "^"], ["-", "a"]), ("^[-]$", ["-"], ["a"]), ("^[a^]$", ["a", "^"], ["b"]),
        ("^[^^]$", ["a"], ["^"]), ("^[$.*+?(){}|]$", ["$", ".", "*", "+", "?", "(", ")", "{", "}", "|"], ["a", "\\"]),
        ("^[\\\\]$", ["\\"], ["a"]), ("^[\\\\-a]$", ["\\", "]", "`", "a"], ["b", "["]),
        ("^[A-\\\\]$", ["A", "[", "\\"], ["]", "a"]), ("^[^\\\\]$", ["a"], ["\\"]),
        ("^[c-ea-db]$", ["a", "e"], ["f"]), ("^[ -~]*$", ["aZ~ "], ["é", "\u{7F}"]),
        ("^[à-ÿ]$", ["é", "à", "ÿ"], ["ß", "e", "\u{100}"]), ("^[^à-ÿ]$", ["e", "\u{100}", "😀"], ["é"]),
        ("^[😀-😂x]$", ["😀", "😁", "😂", "x"], ["😃", "y", "\u{FFFF}"]),
        ("^[\u{E000}-\u{10FFFF}]$", ["\u{E000}", "\u{10FFFF}"], ["\u{D7FF}", "a"]),
        (
            "^.$", ["a", "é", "€", "😀", "\t", "\u{85}", "\u{B}"],
            ["", "ab", "\n", "\r", "\u{2028}", "\u{2029}", "e\u{301}"]
        ),
        ("^é$", ["é"], ["e\u{301}", "e"]), ("^e\u{301}?$", ["e", "e\u{301}"], ["é"]), ("€.", ["x€😀"], ["€", "€\n"]),
        ("^👨‍👩$", ["👨‍👩"], ["👨", "👩"]), ("\r", ["\r\n"], ["\n"]),
        ("^\\^\\$\\\\\\.\\*\\+\\?\\(\\)\\[\\]\\{\\}\\|$", ["^$\\.*+?()[]{}|"], [""]), ("^\\.$", ["."], ["a"]),
    ])
    func `classes, dots and characters are of Unicode scalars`(
        _ source: String, _ matching: [String], _ other: [String]
    ) throws {
        try check(source, matching, other)
    }

    @Test(arguments: [
        ("", "is empty"), ("a||b", "has an empty alternative at offset 2"),
        ("|a", "has an empty alternative at offset 0"),
        ("a|", "has an empty alternative at offset 2"), ("é()", "has an empty alternative at offset 2"),
        ("(a|)", "has an empty alternative at offset 3"), ("a)", "closes a group that is not open at offset 1"),
        ("😀(a(b)", "leaves the group open that begins at offset 1"),
        ("(?:a)", "has a group that begins with a question mark at offset 0"),
        ("x(?=a)", "has a group that begins with a question mark at offset 1"),
        ("*a", "has a quantifier behind nothing at offset 0"), ("a|+", "has a quantifier behind nothing at offset 2"),
        ("(?)", "has a group that begins with a question mark at offset 0"),
        ("({2})", "has a quantifier behind nothing at offset 1"),
        ("^*", "has a quantifier behind an anchor at offset 1"),
        ("a$?", "has a quantifier behind an anchor at offset 2"),
        ("(^){2}", "has a quantifier behind an anchor at offset 3"),
        ("a**", "has a quantifier behind a quantifier at offset 2"),
        ("a+?", "has a quantifier behind a quantifier at offset 2"),
        ("a{2}?", "has a quantifier behind a quantifier at offset 4"),
        ("a?{2}", "has a quantifier behind a quantifier at offset 2"),
        ("a{", "has a brace that begins no {m}, {m,} or {m,n} at offset 1"),
        ("a{,2}", "has a brace that begins no {m}, {m,} or {m,n} at offset 1"),
        ("a{x}", "has a brace that begins no {m}, {m,} or {m,n} at offset 1"),
        ("a{1,2", "has a brace that begins no {m}, {m,} or {m,n} at offset 1"),
        ("a{1,2,3}", "has a brace that begins no {m}, {m,} or {m,n} at offset 1"),
        ("a{-1}", "has a brace that begins no {m}, {m,} or {m,n} at offset 1"),
        ("a{٣}", "has a brace that begins no {m}, {m,} or {m,n} at offset 1"),
        ("a{3,2}", "has an interval that ends before it begins at offset 1"),
        ("a{1001}", "repeats more than 1000 times at offset 1"),
        ("a{0,99999999999999999999}", "repeats more than 1000 times at offset 1"),
        ("a]", "needs a backslash before ] at offset 1"), ("a}", "needs a backslash before } at offset 1"),
        ("a\\", "ends with a backslash at offset 1"), ("\0", "has U+0000, which no text has, at offset 0"),
        ("[]", "has a bracket class without a first character at offset 0"),
        ("[]a]", "has a bracket class without a first character at offset 0"),
        ("a[^]a]", "has a bracket class without a first character at offset 1"),
        ("[a", "leaves the bracket class open that begins at offset 0"),
        ("x[^", "leaves the bracket class open that begins at offset 1"),
        ("[a-", "leaves the bracket class open that begins at offset 0"),
        ("[-", "leaves the bracket class open that begins at offset 0"),
        ("[b-a]", "has a range that ends before it begins at offset 1"),
        ("[a-c-e]", "has a hyphen that is neither in a range nor first nor last in its bracket class at offset 4"),
        ("[--a]", "has a range that begins or ends with a hyphen at offset 2"),
        ("[+--]", "has a range that begins or ends with a hyphen at offset 3"),
        ("[[:alpha:]]", "has an opening bracket inside a bracket class at offset 1"),
        ("[a[=b=]]", "has an opening bracket inside a bracket class at offset 2"),
        ("[\\]]", "has a backslash before something else than a backslash inside a bracket class at offset 1"),
        ("[a\\d]", "has a backslash before something else than a backslash inside a bracket class at offset 2"),
    ])
    func `what POSIX and ECMAScript don't both know is refused, with its place`(_ source: String, _ reason: String) {
        #expect(refusal(of: source) == "the pattern \"\(source)\" \(reason)")
    }

    @Test func `a backslash is for characters that have a meaning`() {
        for scalar in "dDwWsSbBntrfvux01kpP-/ \"'<>&,;:=!@#%~`_é\n".unicodeScalars {
            let reason = "has a backslash before a character that has no special meaning at offset 1"
            #expect(refusal(of: "a\\\(scalar)") == "the pattern \"a\\\(scalar)\" \(reason)")
        }
    }

    private func refusal(of source: String) -> String? {
        #expect(throws: SchemaError.self) { try Pattern(source) }?.description
    }

    private func check(_ source: String, _ matching: [String], _ other: [String]) throws {
        let pattern = try Pattern(source)
        for text in matching { #expect(pattern.matches(text), "\(source) in \(text.debugDescription)") }
        for text in other { #expect(!pattern.matches(text), "\(source) in \(text.debugDescription)") }
    }
}
