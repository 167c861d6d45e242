/// A link of a `Link` header (RFC 8288).
struct Link: Equatable {
    /// A URI reference, to be resolved against the request's URL.
    let target: String
    /// What the target is to the answer: the value of `rel`, taken apart.
    let relations: [String]
    /// Set when the link is not about the answer but about something else.
    let anchor: String?

    /// Whether the target is, say, the `next` of the answer itself. Relation types have no case (section 2.1.1).
    func has(relation: String) -> Bool {
        anchor == nil && relations.contains { equalsIgnoringCase($0, relation) }
    }

    /// Every link of an answer, in order. What follows a mistake in a header is left out, as in appendix B.2.
    static func all(in headers: HeaderFields) -> [Link] {
        headers.values(of: "Link").flatMap { value in
            var parser = LinkParser(value)
            return parser.links()
        }
    }
}

/// Appendix B.2 of RFC 8288.
private struct LinkParser {
    private let bytes: [UInt8]
    private var index = 0

    init(_ value: String) {
        bytes = Array(value.utf8)
    }

    mutating func links() -> [Link] {
        var links: [Link] = []
        while true {
            // Elements of a list may be empty (RFC 9110, section 5.6.1).
            skip { isBlank($0) || $0 == UInt8(ascii: ",") }
            guard take("<") else { return links }
            let target = text { $0 != UInt8(ascii: ">") }
            guard take(">") else { return links }
            let parameters = parameters()
            links.append(
                Link(
                    target: target,
                    relations: (parameters["rel"] ?? "").split(separator: " ").map(String.init),
                    anchor: parameters["anchor"]))
            skip(while: isBlank)
            guard take(",") else { return links }
        }
    }

    /// The parameters of one link by their names in lower case. Only the first of a name counts (section 3.3).
    private mutating func parameters() -> [String: String] {
        var parameters: [String: String] = [:]
        while true {
            skip(while: isBlank)
            guard take(";") else { return parameters }
            skip(while: isBlank)
            let name = text(while: isTokenCharacter).lowercased()
            skip(while: isBlank)
            var value = ""
            if take("=") {
                skip(while: isBlank)
                value = take("\"") ? quotedText() : text { !isBlank($0) && !";,".utf8.contains($0) }
            }
            if !name.isEmpty, parameters[name] == nil { parameters[name] = value }
        }
    }

    /// What comes before the closing quote. A backslash takes the next character as it is (RFC 9110, section 5.6.4).
    private mutating func quotedText() -> String {
        var text: [UInt8] = []
        while index < bytes.count, !take("\"") {
            if bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count { index += 1 }
            text.append(bytes[index])
            index += 1
        }
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func text(while belongs: (UInt8) -> Bool) -> String {
        let start = index
        skip(while: belongs)
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func skip(while belongs: (UInt8) -> Bool) {
        while index < bytes.count, belongs(bytes[index]) { index += 1 }
    }

    private mutating func take(_ character: UnicodeScalar) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }
}
