import Foundation
import Glibc
import Testing

@testable import MartletModel

/// Random patterns, each judged by two others: the C library's POSIX ERE, and ICU's expressions, which read the shared
/// part as ECMAScript does.
@Suite struct PatternComparisonTests {
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func `a random pattern means what it means to POSIX and to ICU`(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        // glibc loses the place of an anchor in a group that it writes out more than once: for it, `(a|$b){2}` is in `b`.
        // So half of the seeds have anchors everywhere, and only ICU's judgement.
        let hasAnchors = seed % 2 == 0
        var (found, refused) = (0, 0)
        for _ in 0..<200 {
            let source = Self.alternatives(depth: 2, hasAnchors: hasAnchors, &random)
            guard let pattern = try? Pattern(source) else { refused += 1; continue }
            let posix = POSIXExpression(source)
            #expect(posix != nil, "\(source)")
            let icu = try NSRegularExpression(pattern: source)
            for _ in 0..<20 {
                let text = Self.text(&random)
                let isFound = pattern.matches(text)
                if isFound != Self.matches(icu, text) { Issue.record("ICU: \(source) in \(text)") }
                if !hasAnchors, let posix, isFound != posix.matches(text) {
                    Issue.record("POSIX: \(source) in \(text)")
                }
                if isFound { found += 1 }
            }
        }
        // Neither answer may be so rare that nothing is compared. A group that is an anchor alone can't be repeated.
        #expect((400...3600).contains(found))
        #expect(refused < 50)
    }

    @Test(arguments: 11...18 as ClosedRange<UInt64>)
    func `both automata of a random pattern find the same`(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var compared = 0
        for _ in 0..<60 {
            var source = Self.alternatives(depth: 2, hasAnchors: true, &random)
            // More positions than a word has bits.
            let isLong = Bool.random(using: &random)
            if isLong { source = "é{62}(\(source))" }
            var parser = PatternParser(source)
            guard let node = try? parser.parse(), let program = try? PatternProgram(node, of: source) else { continue }
            let classes = ScalarClasses(program)
            guard let states = PatternAutomaton(program, classes), let positions = PositionAutomaton(program, classes)
            else { continue }
            compared += 1
            for _ in 0..<20 {
                var text = (isLong ? String(repeating: "é", count: 62) : "") + Self.text(&random)
                let isFound = text.withUTF8 {
                    (states.isFound(in: UnsafeRawBufferPointer($0)), positions.isFound(in: UnsafeRawBufferPointer($0)))
                }
                if isFound.0 != isFound.1 { Issue.record("\(source) in \(text): \(isFound)") }
            }
        }
        #expect(compared > 40)
    }

    @Test func `escapes mean the same to POSIX and to ICU`() throws {
        for special in "^$\\.*+?()[]{}|" {
            for source in ["^\\\(special)$", "^a\\\(special){2}$", "^[^\\\\]\\\(special)$"] {
                let (pattern, posix) = (try Pattern(source), try #require(POSIXExpression(source), "\(source)"))
                let icu = try NSRegularExpression(pattern: source)
                for text in ["\(special)", "a\(special)\(special)", "a\(special)", "\\", "\\\(special)", "a", ""] {
                    #expect(pattern.matches(text) == posix.matches(text), "POSIX: \(source) in \(text)")
                    #expect(pattern.matches(text) == Self.matches(icu, text), "ICU: \(source) in \(text)")
                }
            }
        }
    }

    @Test func `a backslash that is doubled in a class means the same to POSIX and to ICU`() throws {
        for source in [
            "[\\\\]", "[^\\\\]", "[a\\\\]", "[\\\\-a]", "[A-\\\\]", "[\\\\-\\\\]", "[\\\\\\\\b]", "[b-d\\\\-]",
        ] {
            let (pattern, posix) = (try Pattern(source), try #require(POSIXExpression(source), "\(source)"))
            let icu = try NSRegularExpression(pattern: source)
            for value in UInt8(1)..<128 where value != 10 && value != 13 {
                let text = String(UnicodeScalar(value))
                #expect(pattern.matches(text) == posix.matches(text), "POSIX: \(source) in \(text)")
                #expect(pattern.matches(text) == Self.matches(icu, text), "ICU: \(source) in \(text)")
            }
        }
    }

    private static func matches(_ icu: NSRegularExpression, _ text: String) -> Bool {
        icu.firstMatch(in: text, range: NSRange(location: 0, length: text.utf16.count)) != nil
    }

    private static func alternatives(depth: Int, hasAnchors: Bool, _ random: inout SeededGenerator) -> String {
        let count = [1, 1, 1, 2, 3].randomElement(using: &random) ?? 1
        let branches = (0..<count).map { _ in
            (0..<Int.random(in: 1...3, using: &random)).map { _ in
                piece(depth: depth, hasAnchors: hasAnchors, &random)
            }.joined()
        }
        return branches.joined(separator: "|")
    }

    private static func piece(depth: Int, hasAnchors: Bool, _ random: inout SeededGenerator) -> String {
        let atoms = ["a", "b", "c", "a", "b", "c", ".", "[ab]", "[^a]", "[b-c]", "[^-b]", "\\."]
        let quantifiers = ["", "", "", "*", "+", "?", "{2}", "{0}", "{1,}", "{0,2}", "{1,3}"]
        // ICU goes back in the text, and gives up without a word on `((.*){1,3}|a)*`: groups are repeated more tamely.
        let groupQuantifiers = ["", "", "", "*", "+", "?", "{2}"]
        switch Int.random(in: 0..<10, using: &random) {
        case 0 where hasAnchors || depth == 2: return Bool.random(using: &random) ? "^" : "$"
        case 1...3 where depth > 0:
            let group = "(\(alternatives(depth: depth - 1, hasAnchors: hasAnchors, &random)))"
            return group + (groupQuantifiers.randomElement(using: &random) ?? "")
        default:
            return (atoms.randomElement(using: &random) ?? "a") + (quantifiers.randomElement(using: &random) ?? "")
        }
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        String((0..<Int.random(in: 0...6, using: &random)).map { _ in "aabbcc.-".randomElement(using: &random) ?? "a" })
    }
}

/// An ERE of the C library.
private final class POSIXExpression {
    private var compiled = regex_t()

    init?(_ source: String) {
        guard regcomp(&compiled, source, REG_EXTENDED | REG_NOSUB) == 0 else { return nil }
    }

    deinit {
        regfree(&compiled)
    }

    func matches(_ text: String) -> Bool {
        regexec(&compiled, text, 0, nil, 0) == 0
    }
}
