import MartletSQL

/// Finds Martlet's own checks in the text of a `CREATE TABLE`, which is the only place where SQLite shows them.
///
/// The column that a check stands behind tells whose it is, not the check's name: that stays as it was when a column is
/// renamed. In the conditions the column is called `value`, so that they are the same whatever it is called.
struct DefinitionScanner {
    private let text: [UInt8]
    private var position = 0

    /// The conditions by columns. What others have written is passed over.
    static func checks(in definition: String) -> [String: String] {
        guard definition.contains(ownCheck) else { return [:] }
        var scanner = DefinitionScanner(text: Array(definition.utf8))
        return scanner.checks()
    }

    /// How each of them begins (``TableLayout/checkPrefix``).
    static let ownCheck = "CONSTRAINT \"\(TableLayout.checkPrefix)"

    private mutating func checks() -> [String: String] {
        var checks: [String: String] = [:]
        skip(to: UInt8(ascii: "("))
        while position < text.count {
            position += 1
            let start = position
            skip(to: UInt8(ascii: ","))
            var column = DefinitionScanner(text: Array(text[start..<position]))
            if let (name, check) = column.check() { checks[name] = check }
        }
        return checks
    }

    /// Of one column's definition.
    private mutating func check() -> (String, String)? {
        guard let name = name() else { return nil }
        while position < text.count {
            if isAt(Self.ownCheck) {
                skip(to: UInt8(ascii: "("))
                guard position < text.count else { return nil }
                let start = position + 1
                position = start
                skip(to: UInt8(ascii: ")"))
                return (name, Self.condition(Array(text[start..<position]), on: name))
            }
            skipOne()
        }
        return nil
    }

    private static func condition(_ text: [UInt8], on column: String) -> String {
        var scanner = DefinitionScanner(text: text)
        let name = quotedIdentifier(column)
        var condition: [UInt8] = []
        while scanner.position < text.count {
            let start = scanner.position
            if scanner.isAt(name) {
                scanner.position += name.utf8.count
                condition += Array("value".utf8)
            } else {
                // A text is copied as a whole: what looks like the name in it isn't.
                scanner.position += 1
                if text[start] == UInt8(ascii: "'") { scanner.skipQuoted(text[start]) }
                condition += text[start..<scanner.position]
            }
        }
        return String(decoding: condition, as: UTF8.self)
    }

    /// The identifier that it begins with.
    private mutating func name() -> String? {
        while position < text.count, text[position] <= UInt8(ascii: " ") { position += 1 }
        let start = position
        guard start < text.count else { return nil }
        guard text[start] == UInt8(ascii: "\"") else {
            while position < text.count, text[position] > UInt8(ascii: " ") { position += 1 }
            return String(decoding: text[start..<position], as: UTF8.self)
        }
        skipOne()
        guard position - start >= 2 else { return nil }
        let quoted = String(decoding: text[start + 1..<position - 1], as: UTF8.self)
        return quoted.split(separator: "\"\"", omittingEmptySubsequences: false).joined(separator: "\"")
    }

    /// To the next such byte outside of parentheses, quotes and comments, or to the parenthesis that ends it all.
    private mutating func skip(to byte: UInt8) {
        while position < text.count, text[position] != byte, text[position] != UInt8(ascii: ")") { skipOne() }
    }

    /// Past a byte, or past all that belongs together: what is in parentheses or quotes, a comment.
    private mutating func skipOne() {
        let byte = text[position]
        position += 1
        switch byte {
        case UInt8(ascii: "("):
            skip(to: UInt8(ascii: ")"))
            position = min(position + 1, text.count)
        case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"): skipQuoted(byte)
        case UInt8(ascii: "["): skip(past: "]")
        case UInt8(ascii: "-") where isAt("-"): skip(past: "\n")
        case UInt8(ascii: "/") where isAt("*"): skip(past: "*/")
        default: break
        }
    }

    /// A doubled quote is one inside.
    private mutating func skipQuoted(_ quote: UInt8) {
        while position < text.count {
            position += 1
            guard text[position - 1] == quote else { continue }
            guard position < text.count, text[position] == quote else { return }
            position += 1
        }
    }

    private mutating func skip(past end: String) {
        while position < text.count, !isAt(end) { position += 1 }
        position = min(position + end.utf8.count, text.count)
    }

    private func isAt(_ text: String) -> Bool {
        self.text[position...].starts(with: text.utf8)
    }
}
