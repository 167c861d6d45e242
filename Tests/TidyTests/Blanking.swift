/// The text with every character of comments and of string literals turned into a space; lines stay lines. It knows
/// nested comments, multi-line and raw strings. What is interpolated counts as part of its literal.
func blanked(_ text: String) -> String {
    var scanner = Scanner(Array(text.unicodeScalars))
    scanner.scanCode()
    var result = String.UnicodeScalarView()
    result.append(contentsOf: scanner.output)
    return String(result)
}

private struct Scanner {
    private let input: [Unicode.Scalar]
    private var position = 0
    private(set) var output: [Unicode.Scalar] = []

    init(_ input: [Unicode.Scalar]) {
        self.input = input
        output.reserveCapacity(input.count)
    }

    mutating func scanCode() {
        while position < input.count {
            if isAt("//") {
                while position < input.count, input[position] != "\n" { blank() }
            } else if isAt("/*") {
                scanComment()
            } else if let hashes = literalHashes() {
                scanLiteral(hashes)
            } else {
                keep()
            }
        }
    }

    private mutating func scanComment() {
        var depth = 0
        repeat {
            if isAt("/*") { depth += 1; blank(2) } else if isAt("*/") { depth -= 1; blank(2) } else { blank() }
        } while depth > 0 && position < input.count
    }

    /// The number of # before a string literal that begins here; nil where none does.
    private func literalHashes() -> Int? {
        let hashes = input[position...].prefix { $0 == "#" }.count
        return position + hashes < input.count && input[position + hashes] == "\"" ? hashes : nil
    }

    private mutating func scanLiteral(_ hashes: Int) {
        let fence = String(repeating: "#", count: hashes)
        blank(hashes)
        let quotes = isAt("\"\"\"") ? "\"\"\"" : "\""
        blank(quotes.count)
        while position < input.count, !isAt(quotes + fence) {
            if isAt("\\" + fence + "(") {
                blank(hashes + 2)
                scanInterpolation()
            } else if isAt("\\" + fence) {
                blank(hashes + 2)
            } else {
                blank()
            }
        }
        blank(quotes.count + hashes)
    }

    /// Up to the parenthesis that closes it. Literals inside it are literals.
    private mutating func scanInterpolation() {
        var depth = 1
        while depth > 0, position < input.count {
            if let hashes = literalHashes() { scanLiteral(hashes); continue }
            if isAt("(") { depth += 1 }
            if isAt(")") { depth -= 1 }
            blank()
        }
    }

    private func isAt(_ text: String) -> Bool {
        input[position...].starts(with: text.unicodeScalars)
    }

    private mutating func keep() {
        output.append(input[position])
        position += 1
    }

    private mutating func blank(_ count: Int = 1) {
        for scalar in input[position...].prefix(count) { output.append(scalar == "\n" ? "\n" : " ") }
        position = min(position + count, input.count)
    }
}
