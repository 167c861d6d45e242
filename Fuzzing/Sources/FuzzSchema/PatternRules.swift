import FuzzSupport

@testable import MartletModel

/// The first line as a pattern, the rest as the text that it is searched for in.
enum PatternRules {
    static func check(_ bytes: UnsafeRawBufferPointer) {
        let parts = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let source = String(validating: parts[0], as: UTF8.self),
            let text = String(validating: parts.dropFirst().first ?? parts[0], as: UTF8.self),
            let pattern = try? Pattern(source)
        else { return }
        let isFound = pattern.matches(text)
        guard let size = checkAutomata(of: source, text, isFound), size <= largestCompared else { return }
        for other in equivalents(of: source) {
            // It may be too large, or nest too deep.
            guard let pattern = try? Pattern(other) else { continue }
            Fuzzer.expect(pattern.matches(text) == isFound, "\(other) is found in \(text) as \(source) is: \(isFound)")
        }
        if !source.contains("^") && !source.contains("$") {
            Fuzzer.expect(!isFound || pattern.matches("x\(text)x"), "\(source) is found in \(text) with more around it")
        }
    }

    /// Steps. Larger ones, several times in each of their equivalents, take seconds to build with the sanitizer.
    private static let largestCompared = 100

    /// A pattern gets one of two automata, by its size. Where it could have both, both find the same.
    /// - Returns: its steps.
    private static func checkAutomata(of source: String, _ text: String, _ isFound: Bool) -> Int? {
        var parser = PatternParser(source)
        guard let node = try? parser.parse(), let program = try? PatternProgram(node, of: source) else {
            Fuzzer.expect(false, "\(source) is a pattern")
            return nil
        }
        guard let automaton = PositionAutomaton(program, ScalarClasses(program)) else {
            return program.instructions.count
        }
        let isFoundByPositions = Array(text.utf8).withUnsafeBytes { automaton.isFound(in: $0) }
        Fuzzer.expect(isFoundByPositions == isFound, "\(source) is found in \(text) by each automaton: \(isFound)")
        return program.instructions.count
    }

    /// Patterns that mean the same, differently built.
    private static func equivalents(of source: String) -> [String] {
        ["(\(source))", "(\(source))|(\(source))", "(\(source)){1}", "((\(source)){1,2}|\(source))", "()(\(source))"]
    }
}
