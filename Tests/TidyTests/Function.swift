/// A function or an initialiser that has a body.
struct Function: Sendable {
    /// Of the line with its name.
    let line: Int
    /// From the line of its opening brace to that of its closing one.
    let length: Int

    static func all(in code: [Substring]) -> [Function] {
        code.indices.filter { begins(code[$0]) }
            .compactMap { line in body(from: line, in: code).map { Function(line: line, length: $0.count) } }
    }

    private static func begins(_ line: Substring) -> Bool {
        if line.contains("func ") { return true }
        return line.contains("init") && line.contains(/(?:^|[^.\w])(?:init[?!]?\s*[(<]|deinit\b)/)
    }

    /// The lines of the braces that follow a signature; nil when it ends without any, as in a protocol.
    private static func body(from start: Int, in code: [Substring]) -> ClosedRange<Int>? {
        var (parentheses, braces) = (0, 0)
        var opening: Int?
        for line in start..<code.count {
            for character in code[line] {
                switch character {
                case "(", "[": parentheses += 1
                case ")", "]": parentheses -= 1
                // A default argument's closure is no body.
                case "{" where parentheses == 0 || opening != nil:
                    braces += 1
                    opening = opening ?? line
                case "}" where opening != nil:
                    braces -= 1
                    if braces == 0 { return (opening ?? line)...line }
                case "}" where parentheses == 0: return nil
                default: break
                }
            }
            if opening == nil, parentheses == 0, !signatureGoesOn(behind: line, in: code) { return nil }
        }
        return nil
    }

    private static func signatureGoesOn(behind line: Int, in code: [Substring]) -> Bool {
        guard line + 1 < code.count else { return false }
        let next = code[line + 1].trimmingPrefix { $0 == " " }
        return code[line].last { $0 != " " } == ","
            || ["{", "->", "throws", "async", "where"].contains { next.hasPrefix($0) }
    }
}
