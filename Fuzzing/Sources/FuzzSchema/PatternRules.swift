import FuzzSupport
import MartletModel

/// The first line as a pattern, the rest as the text that it is searched for in.
enum PatternRules {
    static func check(_ bytes: UnsafeRawBufferPointer) {
        let parts = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
        guard let source = String(validating: parts[0], as: UTF8.self),
            let text = String(validating: parts.dropFirst().first ?? parts[0], as: UTF8.self),
            let pattern = try? Pattern(source)
        else { return }
        let isFound = pattern.matches(text)
        for other in equivalents(of: source) {
            // It may be too large, or nest too deep.
            guard let pattern = try? Pattern(other) else { continue }
            Fuzzer.expect(pattern.matches(text) == isFound, "\(other) is found in \(text) as \(source) is: \(isFound)")
        }
        if !source.contains("^") && !source.contains("$") {
            Fuzzer.expect(!isFound || pattern.matches("x\(text)x"), "\(source) is found in \(text) with more around it")
        }
    }

    /// Patterns that mean the same, differently built.
    private static func equivalents(of source: String) -> [String] {
        ["(\(source))", "(\(source))|(\(source))", "(\(source)){1}", "((\(source)){1,2}|\(source))", "()(\(source))"]
    }
}
