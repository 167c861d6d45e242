import Yams

/// What a YAML parser's error says, in one line and without the file's text, which may hold secrets.
struct YAMLProblem {
    private let line: Int
    private let column: Int
    private let message: String

    init(_ error: any Error, in text: String) {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            (line, column) = (mark.line, mark.column)
            let isTab = Self.scalar(at: mark, of: text) == "\t"
            message =
                isTab
                ? "a tab: YAML indents with spaces"
                : [context?.text, problem].compactMap { $0 }.joined(separator: ", ")
        case .duplicatedKeysInMapping(let names, let context):
            (line, column) = (context.mark.line, context.mark.column)
            let list = names.map(quoted).joined(separator: ", ")
            message = "the same key more than once in one mapping: \(list)"
        case .reader(let problem, let offset, _, _):
            (line, column) = Self.place(of: offset ?? 0, in: text)
            message = problem
        default:
            (line, column) = (1, 1)
            message = "can't be read as YAML"
        }
    }

    func issue(_ file: String) -> ConfigurationIssue {
        ConfigurationIssue(.file(file, line: line, column: column), message)
    }

    private static func scalar(at mark: Mark, of text: String) -> UnicodeScalar? {
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.indices.contains(mark.line - 1) else { return nil }
        return lines[mark.line - 1].dropFirst(mark.column - 1).first
    }

    /// - Parameter offset: in characters, as Yams counts it.
    private static func place(of offset: Int, in text: String) -> (line: Int, column: Int) {
        let before = text.prefix(offset).unicodeScalars
        let line = before.count { $0 == "\n" } + 1
        let column = before.reversed().prefix { $0 != "\n" }.count + 1
        return (line, column)
    }
}
