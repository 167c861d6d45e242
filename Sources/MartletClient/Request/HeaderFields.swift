/// The header fields of a request or a response, in order. A name's case doesn't matter, and it may come more than once.
public struct HeaderFields: Sendable, Equatable {
    public struct Field: Sendable, Equatable {
        public let name: String
        public let value: String
    }

    public private(set) var fields: [Field] = []

    public init() {}

    /// The first value of a name, or nil.
    public subscript(name: String) -> String? {
        fields.first { equalsIgnoringCase($0.name, name) }?.value
    }

    /// All values of a name.
    public func values(of name: String) -> [String] {
        fields.filter { equalsIgnoringCase($0.name, name) }.map(\.value)
    }

    public mutating func append(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// Gives a name this value alone.
    public mutating func set(_ name: String, _ value: String) {
        fields.removeAll { equalsIgnoringCase($0.name, name) }
        append(name, value)
    }

    /// These fields, and those of `defaults` whose names don't occur here.
    func merging(defaults: HeaderFields) -> HeaderFields {
        var merged = self
        merged.fields += defaults.fields.filter { self[$0.name] == nil }
        return merged
    }

    /// What keeps these fields from being sent, or nil. A line break in a value would end the field and begin another.
    var mistake: String? {
        for field in fields {
            guard !field.name.isEmpty, field.name.utf8.allSatisfy(isTokenCharacter) else {
                return "\(field.name.debugDescription) is no header's name"
            }
            guard field.value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\t") }) else {
                return "the header \(field.name) has a control character in its value"
            }
        }
        return nil
    }
}

extension HeaderFields: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, String)...) {
        for (name, value) in elements { append(name, value) }
    }
}
