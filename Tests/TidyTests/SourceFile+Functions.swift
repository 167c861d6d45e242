extension SourceFile {
    struct Function {
        /// Of the line with its name.
        let line: Int
        /// From the line of its opening brace to that of its closing one.
        let length: Int
    }

    /// The functions and initialisers that have a body, nested ones too.
    var functions: [Function] {
        code.indices.filter { code[$0].contains(/\b(?:func\s+\S|init[?!]?\s*[(<]|deinit\b)/) && !code[$0].contains(/\.init\b/) }
            .compactMap { line in body(from: line).map { Function(line: line, length: $0.count) } }
    }

    /// The lines of the braces that follow a signature; nil when it ends without any, as in a protocol.
    private func body(from start: Int) -> ClosedRange<Int>? {
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
            if opening == nil, parentheses == 0, !signatureGoesOn(behind: line) { return nil }
        }
        return nil
    }

    private func signatureGoesOn(behind line: Int) -> Bool {
        guard line + 1 < code.count else { return false }
        let next = code[line + 1].trimmingPrefix { $0 == " " }
        return code[line].last { $0 != " " } == ","
            || ["{", "->", "throws", "async", "where"].contains { next.hasPrefix($0) }
    }
}
