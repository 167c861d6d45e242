/// The text with every byte of comments and of string literals turned into a space; lines stay lines. It knows
/// nested comments, multi-line and raw strings. What is interpolated counts as part of its literal.
func blanked(_ text: String) -> String {
    var scanner = Scanner(text)
    scanner.scanCode()
    return String(decoding: scanner.output, as: UTF8.self)
}

private let newline = UInt8(ascii: "\n")

private struct Scanner {
    private let input: [UInt8]
    private var position = 0
    private(set) var output: [UInt8] = []

    init(_ text: String) {
        input = Array(text.utf8)
        output.reserveCapacity(input.count)
    }

    mutating func scanCode() {
        while position < input.count {
            if isAt("//") {
                while position < input.count, input[position] != newline { blank() }
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
        var end = position
        while end < input.count, input[end] == UInt8(ascii: "#") { end += 1 }
        return end < input.count && input[end] == UInt8(ascii: "\"") ? end - position : nil
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
        var place = position
        for byte in text.utf8 {
            guard place < input.count, input[place] == byte else { return false }
            place += 1
        }
        return true
    }

    private mutating func keep() {
        output.append(input[position])
        position += 1
    }

    private mutating func blank(_ count: Int = 1) {
        for _ in 0..<min(count, input.count - position) {
            output.append(input[position] == newline ? newline : UInt8(ascii: " "))
            position += 1
        }
    }
}
