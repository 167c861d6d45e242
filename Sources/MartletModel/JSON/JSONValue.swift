/// Any JSON value, as a tree. Records never become one: it serves documents, such as OpenAPI's, and problems.
public enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    /// A number as it is spelled, so that no digit is lost.
    case number(String)
    case string(String)
    case array([JSONValue])
    /// Members in their order.
    case object([Member])

    public struct Member: Sendable, Equatable {
        public let name: String
        public let value: JSONValue

        public init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }
}

// MARK: - Reading

extension JSONValue {
    /// Parses a whole text.
    /// - Throws: ``JSONError`` for anything that RFC 8259 doesn't allow, a duplicate name, or nesting beyond 35 levels.
    public init(json text: UnsafeRawBufferPointer) throws(JSONError) {
        var scanner = JSONScanner(text)
        _ = try scanner.next()
        self = try scanner.value(depth: 1)
        try scanner.finish()
    }

    /// Whether ``init(json:)`` would parse a text, without building a value.
    package static func isJSON(_ text: UnsafeRawBufferPointer) -> Bool {
        do throws(JSONError) {
            var scanner = JSONScanner(text)
            _ = try scanner.next()
            try scanner.skipValue(depth: 1)
            try scanner.finish()
            return true
        } catch {
            return false
        }
    }

    public init(json text: String) throws(JSONError) {
        var text = text
        let result = text.withUTF8 { utf8 in
            Result { () throws(JSONError) in try JSONValue(json: UnsafeRawBufferPointer(utf8)) }
        }
        self = try result.get()
    }

    /// A member's value; nil when there is none or this is no object.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    public var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The value of a number that is spelled as an integer.
    public var integer: Int? {
        if case .number(let spelling) = self { Int(spelling) } else { nil }
    }

    public var array: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    public var members: [Member]? {
        if case .object(let members) = self { members } else { nil }
    }
}

extension JSONScanner {
    /// Takes the value that the scanner stands at.
    mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        switch text[position] {
        case UInt8(ascii: "{"):
            var members: [JSONValue.Member] = []
            try uniqueMembers(depth: depth) { scanner, name throws(JSONError) in
                members.append(.init(name, try scanner.value(depth: depth + 1)))
            }
            return .object(members)
        case UInt8(ascii: "["):
            var elements: [JSONValue] = []
            try array(depth: depth) { scanner throws(JSONError) in
                elements.append(try scanner.value(depth: depth + 1))
            }
            return .array(elements)
        case UInt8(ascii: "\""):
            return .string(value(try string()))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let token = try number()
            return .number(String(decoding: bytes(token.start, token.end), as: UTF8.self))
        case let first:
            try literal()
            return first == UInt8(ascii: "n") ? .null : .bool(first == UInt8(ascii: "t"))
        }
    }

    /// Takes the value that the scanner stands at, as strictly, and builds nothing of it.
    mutating func skipValue(depth: Int) throws(JSONError) {
        switch text[position] {
        case UInt8(ascii: "{"):
            try uniqueMembers(depth: depth) { scanner, _ throws(JSONError) in try scanner.skipValue(depth: depth + 1) }
        case UInt8(ascii: "["):
            try array(depth: depth) { scanner throws(JSONError) in try scanner.skipValue(depth: depth + 1) }
        case UInt8(ascii: "\""):
            _ = try string()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            _ = try number()
        default:
            try literal()
        }
    }

    private mutating func uniqueMembers(
        depth: Int, member: (inout JSONScanner, String) throws(JSONError) -> Void
    ) throws(JSONError) {
        // Names that Swift holds equal may differ in their bytes: é has two spellings. These are two names.
        var names: Set<[UInt8]> = []
        try object(depth: depth) { scanner, token throws(JSONError) in
            guard names.insert(scanner.withUTF8(token) { Array($0) }).inserted else {
                throw scanner.duplicate(token)
            }
            try member(&scanner, scanner.value(token))
        }
    }

    func duplicate(_ token: StringToken) -> JSONError {
        error("a name is given twice", at: token.start - 1)
    }
}

// MARK: - Making

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(integerLiteral value: Int) { self = .number(String(value)) }
    public init(floatLiteral value: Double) { self = .number(String(value)) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    /// Keeps the members' order.
    public init(dictionaryLiteral members: (String, JSONValue)...) {
        self = .object(members.map { Member($0, $1) })
    }

    public static func integer(_ value: Int) -> JSONValue { .number(String(value)) }
}
