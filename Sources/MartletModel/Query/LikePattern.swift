/// What a text has to look like as a whole: pieces of it, with anything between two of them.
public struct LikePattern: Sendable, Equatable {
    /// `*` stands between each two: `A*` has the pieces `A` and an empty one.
    public let pieces: [String]

    /// As many Unicode scalars as a pattern may have: a comparison takes time by the product of both texts' lengths.
    public static let mostScalars = 100

    /// Nil for a text in which a `\` stands before anything but `*`, `,` and `\`.
    public init?(_ text: String) {
        guard let pieces = splitEscaped(text, at: "*") else { return nil }
        self.pieces = pieces
    }

    /// What spells it.
    public var text: String {
        pieces.map { filterEscaped($0, "*") }.joined(separator: "*")
    }

    /// What every match begins with.
    public var prefix: String { pieces[0] }
    /// There is no `*`: one text matches.
    public var isLiteral: Bool { pieces.count == 1 }
    /// The only `*` is the last character: the prefix is all that counts.
    public var isPrefix: Bool { pieces.count == 2 && pieces[1].isEmpty }

    /// The least text that is greater than all with the prefix, in the order of UTF-8's bytes; nil when there is none.
    ///
    /// The order of UTF-8's bytes is that of the scalars: so the last scalar that has a next one is raised.
    public var endOfPrefix: String? {
        var scalars = Array(prefix.unicodeScalars)
        while let last = scalars.popLast() {
            guard last.value < 0x10FFFF else { continue }
            let next = last.value == 0xD7FF ? 0xE000 : last.value + 1
            guard let scalar = Unicode.Scalar(next) else { continue }
            var end = String.UnicodeScalarView(scalars)
            end.append(scalar)
            return String(end)
        }
        return nil
    }

    public func matches(_ utf8: some RandomAccessCollection<UInt8>, ignoringCase: Bool) -> Bool {
        func fold(_ byte: UInt8) -> UInt8 { ignoringCase && isUpperCase(byte) ? byte + 32 : byte }
        let text = utf8.map(fold)
        let parts = pieces.map { $0.utf8.map(fold) }
        guard text.starts(with: parts[0]) else { return false }
        guard parts.count > 1, let last = parts.last else { return text.count == parts[0].count }
        var start = parts[0].count
        // The first place that a piece is found at leaves most for those behind it.
        for part in parts.dropFirst().dropLast() {
            guard let place = text[start...].firstRange(of: part) else { return false }
            start = place.upperBound
        }
        return text.count - start >= last.count && text.suffix(last.count).elementsEqual(last)
    }
}

/// Takes a text apart at a character, and the escapes off: `\` before `,`, `*` and itself.
/// - Returns: nil when a `\` stands before anything else.
func splitEscaped(_ text: String, at separator: Unicode.Scalar) -> [String]? {
    var pieces: [String.UnicodeScalarView] = [.init()]
    var isEscaped = false
    for scalar in text.unicodeScalars {
        if isEscaped {
            guard scalar == "," || scalar == "*" || scalar == "\\" else { return nil }
            pieces[pieces.count - 1].append(scalar)
            isEscaped = false
        } else if scalar == "\\" {
            isEscaped = true
        } else if scalar == separator {
            pieces.append(.init())
        } else {
            pieces[pieces.count - 1].append(scalar)
        }
    }
    return isEscaped ? nil : pieces.map { String($0) }
}
