/// A Swift file, and what can be said of it without a compiler.
struct SourceFile: Sendable {
    let path: String
    let lines: [Substring]
    /// The lines with comments and the contents of string literals blanked out, so that only code is left.
    let code: [Substring]
    /// The modules that it imports.
    let imports: [String]
    /// The functions and initialisers that have a body, nested ones too.
    let functions: [Function]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        code = blanked(text).split(separator: "\n", omittingEmptySubsequences: false)
        imports = code.compactMap(importedModule)
        functions = Function.all(in: code)
    }

    /// Lines, without the empty one behind the last line's end.
    var length: Int { lines.last == "" ? lines.count - 1 : lines.count }

    /// The target that it belongs to, by its folder.
    var target: String {
        let folders = path.split(separator: "/")
        return switch (folders[0], folders.count > 3 ? folders[2] : "") {
        case ("Plugins", "Model"): "\(folders[1])Model"
        case ("Plugins", "Plugin"): "\(folders[1])Resource"
        default: String(folders[1])
        }
    }

    /// Where a pattern is found in the code: `path:line`, with the line.
    func places(of pattern: some RegexComponent) -> [String] {
        code.indices.filter { code[$0].contains(pattern) }.map(place)
    }

    func place(_ line: Int) -> String {
        "\(path):\(line + 1): \(lines[line].trimmingPrefix { $0 == " " })"
    }

    /// Whether a comment stands on the line, or right above the declaration that it belongs to.
    func hasComment(at line: Int) -> Bool {
        if lines[line].contains("//") { return true }
        let above = lines[..<line].last { !$0.trimmingPrefix { $0 == " " }.hasPrefix("@") }
        return above?.trimmingPrefix { $0 == " " }.hasPrefix("//") == true
    }
}

/// The module that a line imports, whatever attributes, access and kind it says.
private func importedModule(_ line: Substring) -> String? {
    guard line.contains("import ") else { return nil }
    let pattern = /^\s*(?:@\w+(?:\(\w+\))?\s+)*(?:\w+\s+)?import\s+(?:(?:struct|class|enum|protocol|func)\s+)?(\w+)/
    return line.firstMatch(of: pattern).map { String($0.1) }
}
