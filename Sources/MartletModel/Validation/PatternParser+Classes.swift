extension PatternParser {
    /// A bracket class.
    mutating func bracketClass() throws(SchemaError) -> PatternNode {
        let start = position
        position += 1
        let isNegated = next == "^"
        if isNegated { position += 1 }
        // POSIX takes a bracket that comes first for a member, ECMAScript for the end.
        guard next != "]" else { throw error("has a bracket class without a first character", at: start) }
        var ranges: [ClosedRange<UInt32>] = []
        if next == "-" {
            ranges.append(try hyphen(of: start))
        }
        while next != "]" {
            ranges.append(next == "-" ? try lastHyphen(of: start) : try range(of: start))
        }
        position += 1
        return .set(ScalarSet(ranges, isNegated: isNegated))
    }

    /// A hyphen that is the first character of its class.
    private mutating func hyphen(of start: Int) throws(SchemaError) -> ClosedRange<UInt32> {
        position += 1
        guard next != "-" else { throw error("has a range that begins or ends with a hyphen") }
        return 0x2D...0x2D
    }

    /// A hyphen behind a range, where it must be the last character: in `a-c-e` it is undefined in POSIX.
    private mutating func lastHyphen(of start: Int) throws(SchemaError) -> ClosedRange<UInt32> {
        guard position + 1 < scalars.count else { throw notClosed(start) }
        guard scalars[position + 1] == "]" else {
            throw error("has a hyphen that is neither in a range nor first nor last in its bracket class")
        }
        position += 1
        return 0x2D...0x2D
    }

    /// A character, or two with a hyphen between them.
    private mutating func range(of start: Int) throws(SchemaError) -> ClosedRange<UInt32> {
        let offset = position
        let low = try member(of: start)
        guard next == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else { return low...low }
        position += 1
        guard next != "-" else { throw error("has a range that begins or ends with a hyphen") }
        let high = try member(of: start)
        guard low <= high else { throw error("has a range that ends before it begins", at: offset) }
        return low...high
    }

    private mutating func member(of start: Int) throws(SchemaError) -> UInt32 {
        guard let scalar = next else { throw notClosed(start) }
        switch scalar {
        case "\0":
            throw error("has U+0000, which no text has,")
        case "[":
            // `[:alpha:]`, `[=a=]` and `[.a.]` in POSIX, a class in a class in ECMAScript with its flag `v`.
            throw error("has an opening bracket inside a bracket class")
        case "\\":
            // POSIX reads two members, ECMAScript one that is escaped: the same set, also at either end of a range.
            guard position + 1 < scalars.count, scalars[position + 1] == "\\" else {
                throw error("has a backslash before something else than a backslash inside a bracket class")
            }
            position += 2
        default:
            position += 1
        }
        return scalar.value
    }

    private func notClosed(_ start: Int) -> SchemaError {
        error("leaves the bracket class open that begins", at: start)
    }
}
