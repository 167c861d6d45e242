/// Reads a ``Pattern``, and refuses all that POSIX ERE and ECMAScript don't read the same way.
struct PatternParser {
    static let maxRepetitions = 1000
    /// Deeper groups are refused, so that no pattern exhausts the stack.
    static let maxDepth = 100

    let source: String
    let scalars: [Unicode.Scalar]
    var position = 0

    init(_ source: String) {
        self.source = source
        scalars = Array(source.unicodeScalars)
    }

    mutating func parse() throws(SchemaError) -> PatternNode {
        guard !scalars.isEmpty else { throw SchemaError("the pattern \"\" is empty") }
        return try alternatives(depth: 0)
    }

    var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    /// - Parameter reason: completes the sentence `the pattern "…" …`.
    func error(_ reason: String, at offset: Int? = nil) -> SchemaError {
        SchemaError("the pattern \"\(source)\" \(reason) at offset \(offset ?? position)")
    }

    /// What a character that has a meaning is spelled with to stand for itself. It is ECMAScript's SyntaxCharacter.
    private static func isSpecial(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "^", "$", "\\", ".", "*", "+", "?", "(", ")", "[", "]", "{", "}", "|": true
        default: false
        }
    }
}

// MARK: - Structure

extension PatternParser {
    private mutating func alternatives(depth: Int) throws(SchemaError) -> PatternNode {
        var branches = [try sequence(depth: depth)]
        while next == "|" {
            position += 1
            branches.append(try sequence(depth: depth))
        }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence(depth: Int) throws(SchemaError) -> PatternNode {
        let start = position
        var pieces: [PatternNode] = []
        while let scalar = next, scalar != "|", scalar != ")" || depth == 0 {
            pieces.append(try piece(depth: depth))
        }
        guard position > start else { throw error("has an empty alternative") }
        return .joined(pieces)
    }

    private mutating func piece(depth: Int) throws(SchemaError) -> PatternNode {
        let atom = try self.atom(depth: depth)
        let start = position
        guard let bounds = try quantifier() else { return atom }
        guard !atom.isAnchor else { throw error("has a quantifier behind an anchor", at: start) }
        if next == "?" || next == "*" || next == "+" || next == "{" {
            // `a*?` is lazy in ECMAScript, and undefined in POSIX.
            throw error("has a quantifier behind a quantifier")
        }
        return atom.repeated(least: bounds.least, most: bounds.most)
    }

    private mutating func atom(depth: Int) throws(SchemaError) -> PatternNode {
        let scalar = scalars[position]
        switch scalar {
        case "(": return try group(depth: depth + 1)
        case "[": return try bracketClass()
        case "\\": return try escape()
        case ")": throw error("closes a group that is not open")
        case "*", "+", "?", "{": throw error("has a quantifier behind nothing")
        case "]", "}": throw error("needs a backslash before \(scalar)")
        case "\0": throw error("has U+0000, which no text has,")
        default: position += 1
        }
        return switch scalar {
        case ".": .any
        case "^": .start
        case "$": .end
        default: .scalar(scalar.value)
        }
    }

    private mutating func group(depth: Int) throws(SchemaError) -> PatternNode {
        let start = position
        guard depth <= Self.maxDepth else { throw error("nests groups deeper than \(Self.maxDepth) levels") }
        position += 1
        guard next != "?" else { throw error("has a group that begins with a question mark", at: start) }
        let node = try alternatives(depth: depth)
        guard next == ")" else { throw error("leaves the group open that begins", at: start) }
        position += 1
        return node
    }

    private mutating func escape() throws(SchemaError) -> PatternNode {
        guard position + 1 < scalars.count else { throw error("ends with a backslash") }
        let scalar = scalars[position + 1]
        guard Self.isSpecial(scalar) else {
            throw error("has a backslash before a character that has no special meaning")
        }
        position += 2
        return .scalar(scalar.value)
    }
}

// MARK: - Quantifiers

extension PatternParser {
    private mutating func quantifier() throws(SchemaError) -> (least: Int, most: Int?)? {
        switch next {
        case "*": position += 1; return (0, nil)
        case "+": position += 1; return (1, nil)
        case "?": position += 1; return (0, 1)
        case "{": return try interval()
        default: return nil
        }
    }

    private mutating func interval() throws(SchemaError) -> (least: Int, most: Int?) {
        let start = position
        position += 1
        let least = try number(of: start)
        var most: Int? = least
        if next == "," {
            position += 1
            most = next == "}" ? nil : try number(of: start)
        }
        guard next == "}" else { throw notAnInterval(start) }
        guard most ?? least >= least else { throw error("has an interval that ends before it begins", at: start) }
        position += 1
        return (least, most)
    }

    private mutating func number(of interval: Int) throws(SchemaError) -> Int {
        var number: Int?
        while let digit = next, "0"..."9" ~= digit {
            let value = (number ?? 0) * 10 + Int(digit.value - 0x30)
            guard value <= Self.maxRepetitions else {
                throw error("repeats more than \(Self.maxRepetitions) times", at: interval)
            }
            number = value
            position += 1
        }
        guard let number else { throw notAnInterval(interval) }
        return number
    }

    private func notAnInterval(_ start: Int) -> SchemaError {
        error("has a brace that begins no {m}, {m,} or {m,n}", at: start)
    }
}
