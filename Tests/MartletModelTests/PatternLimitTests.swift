import Testing

@testable import MartletModel

/// What a pattern may cost.
@Suite(.serialized) struct PatternLimitTests {
    @Test(arguments: [
        "(a{1000}){1000}", "(((a{1000}){1000}){1000}){1000}", "((a|b){1000}){2}", "(a?){1000}(a?){1000}(a?){1000}",
        String(repeating: "a", count: 4096),
    ])
    func `a pattern that is too large once it is written out is refused at once`(_ source: String) {
        let error = #expect(throws: SchemaError.self) { try Pattern(source) }
        #expect(error?.description.contains("is too large") == true)
    }

    @Test func `the largest patterns work`() throws {
        #expect(try Pattern(String(repeating: "a", count: 2000)).matches(String(repeating: "a", count: 2000)))
        #expect(try Pattern("^" + String(repeating: "a", count: 4094)).matches(String(repeating: "a", count: 4094)))
        let pattern = try Pattern("^a{1000}b{0,1000}c{1000,}$")
        let long = { (character: Character, count: Int) in String(repeating: character, count: count) }
        #expect(pattern.matches(long("a", 1000) + long("b", 1000) + long("c", 2000)))
        #expect(pattern.matches(long("a", 1000) + long("c", 1000)))
        #expect(!pattern.matches(long("a", 1000) + long("b", 1001) + long("c", 1000)))
        #expect(!pattern.matches(long("a", 999) + long("c", 1000)))
        #expect(!pattern.matches(long("a", 1000) + long("c", 999)))
    }

    @Test func `repetitions of nothing take no time to write out`() throws {
        let source = "(((((a{0}b{0}){1000}){1000}){1000}){1000}){1000}"
        #expect(try Pattern(source).matches("x"))
    }

    @Test func `groups nest to 100 levels`() throws {
        let nested = { (depth: Int) in
            String(repeating: "(", count: depth) + "a" + String(repeating: ")*", count: depth)
        }
        #expect(try Pattern(nested(100)).matches("a"))
        let error = #expect(throws: SchemaError.self) { try Pattern(nested(101)) }
        #expect(error?.description.hasSuffix("nests groups deeper than 100 levels at offset 100") == true)
        #expect(throws: SchemaError.self) { try Pattern(String(repeating: "(", count: 100_000)) }
    }

    /// A search that goes back would take longer than the universe has been there for each of them.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            "^(a*)*b$", "(a*)*b", "(a|a)*b", "^(a|a)*b$", "(a+)+b", "((a*)*)*b", "(a|aa)+b", "(a?){100}a{100}b",
            "(.*)(.*)(.*)(.*)b", "^((a|a)(a|a))*b$", "(a*|c*)*b",
        ])
    func `no text makes a search go on and on`(_ source: String) throws {
        let pattern = try Pattern(source)
        #expect(!pattern.matches(String(repeating: "a", count: 10_000)))
        #expect(pattern.matches(String(repeating: "a", count: 10_000) + "b"))
    }

    /// What of the text could matter for these has more forms than an automaton has states, and many of their positions lead to many
    /// others. A search for the first one, position by position, was reported with 6.3 s in a megabyte.
    @Test(arguments: ["^(a|aa|aaa)*([a-z]{1,100}){1,10}X$", "([ab]{1,9}-?){1,100}a[ab]{20}c"])
    func `a pattern whose search could not be bound by the text alone is refused`(_ source: String) {
        let error = #expect(throws: SchemaError.self) { try Pattern(source) }
        #expect(error?.description.contains("is too large") == true)
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            "^([a-z]{1,100}){1,10}X$", "^([a-z]+-?)*X$", "^[^@ ]+@([^@ .]+[.])+[a-z]{2,63}$",
            "^(a{1,20}|b{1,20}|[a-c]{1,5})*X$", "[0-9]{3}X", "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
            "^.{0,1000}X.{0,1000}$", "a.{100}X", "(foo|a).{0,500}aX",
        ])
    func `a search in a long text takes bounded work for each scalar`(_ source: String) throws {
        let pattern = try Pattern(source)
        var random = SeededGenerator(seed: 1)
        for _ in 0..<2 {
            let text = String(
                decoding: (0..<4_000).map { _ in UInt8.random(in: 0x61...0x7A, using: &random) }, as: UTF8.self)
            #expect(!pattern.matches(text))
            #expect(!pattern.matches(String(repeating: "a", count: 4_000)))
        }
    }

    @Test func `a search reads nothing behind the text, even one that is no UTF-8`() throws {
        let pattern = try Pattern("^[^x]*$")
        for bytes in [[0xF0], [0xE2, 0x82], [0xC3], [0x80, 0xF4, 0x90]] as [[UInt8]] {
            #expect(bytes.withUnsafeBytes { pattern.matches($0) })
        }
        #expect(pattern.matches(UnsafeRawBufferPointer(start: nil, count: 0)))
    }

    @Test func `one pattern serves many threads`() async throws {
        let pattern = try Pattern("^([a-c]+-)*[a-c]+$")
        let results = await withTaskGroup(of: Int.self) { group in
            for task in 0..<8 {
                group.addTask {
                    let good = String(repeating: "abc-", count: task + 1)
                    return (0..<1000).count { _ in pattern.matches(good + "a") && !pattern.matches(good) }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results == [Int](repeating: 1000, count: 8))
    }

    @Test func `patterns are equal when they are spelled the same`() throws {
        #expect(try Pattern("a+") == Pattern("a+"))
        #expect(try Pattern("a+") != Pattern("aa*"))
        #expect(try "\(Pattern("a+"))" == "a+")
    }
}
