/// A path with named parameters, each of them a whole segment: `/books/{id}/reservations`.
public struct PathPattern: Sendable, Equatable {
    public enum Segment: Sendable, Hashable {
        case literal(String)
        /// Any text but an empty one, under this name.
        case parameter(String)
    }

    public let segments: [Segment]

    /// - Throws: ``SchemaError`` for a path without a leading slash or with a trailing one, an empty segment, a character that a
    ///   path can't have as it is, and a parameter that is named twice or isn't a field's name.
    public init(validating text: String) throws(SchemaError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count > 1, parts[0].isEmpty, !parts.dropFirst().contains(where: \.isEmpty) else {
            throw SchemaError("\"\(text)\" is no path: it begins with /, and has a name after each /")
        }
        var segments: [Segment] = []
        for part in parts.dropFirst() {
            if part.first == "{", part.last == "}" {
                let name = String(part.dropFirst().dropLast())
                guard FieldSchema.isName(name), !segments.contains(.parameter(name)) else {
                    throw SchemaError("\"\(text)\": {\(name)} is no field's name, or is there twice")
                }
                segments.append(.parameter(name))
            } else {
                guard part != ".", part != "..", part.utf8.allSatisfy(Self.isPathCharacter) else {
                    throw SchemaError("\"\(text)\": \(part) is no segment: it has letters, digits and -._~ alone")
                }
                segments.append(.literal(String(part)))
            }
        }
        self.segments = segments
    }

    /// - Precondition: the segments are those of a pattern, as ``init(validating:)`` says.
    package init(_ segments: [Segment]) {
        self.segments = segments
    }

    /// - Precondition: the text is a pattern, as ``init(validating:)`` says.
    public init(_ text: String) {
        do throws(SchemaError) {
            try self.init(validating: text)
        } catch {
            error.endProcess(in: "path pattern")
        }
    }

    /// The names of its parameters, in their order.
    public var parameters: [String] {
        segments.compactMap { if case .parameter(let name) = $0 { name } else { nil } }
    }

    private static func isPathCharacter(_ byte: UInt8) -> Bool {
        isLowerCase(byte) || isUpperCase(byte) || isDigit(byte) || "-._~".utf8.contains(byte)
    }
}

extension PathPattern: CustomStringConvertible {
    public var description: String {
        segments.map { segment in
            switch segment {
            case .literal(let text): "/\(text)"
            case .parameter(let name): "/{\(name)}"
            }
        }.joined()
    }
}

extension PathPattern: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) {
        self.init(text)
    }
}
