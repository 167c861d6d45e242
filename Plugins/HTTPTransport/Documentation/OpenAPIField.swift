import MartletModel

/// A field's part of the OpenAPI document: its schema and an example of its values.
struct OpenAPIField {
    private let field: FieldSchema

    init(_ field: FieldSchema) {
        self.field = field
    }

    /// The field with every constraint that JSON Schema can say; the others in words.
    var schema: JSONValue {
        schemaWithoutDefault.with(field.defaultValue.map { [.init("default", $0)] } ?? [])
    }

    /// For a parameter, which is left out rather than null.
    var parameterSchema: JSONValue {
        .object(
            (schema.members ?? []).map { member in
                switch member.name {
                case "type": .init("type", member.value.array?.first ?? member.value)
                case "enum": .init("enum", .array((member.value.array ?? []).filter { $0 != .null }))
                default: member
                }
            })
    }

    /// For where a field that isn't given stays as it is: client generators have a default sent.
    var schemaWithoutDefault: JSONValue {
        .object(type + (remark.map { [.init("description", .string($0))] } ?? []))
    }

    private var type: [JSONValue.Member] {
        switch field.type {
        case .integer: named("integer") + [.init("format", "int64")] + bounds
        case .number: named("number") + [.init("format", "double")] + bounds
        case .boolean: named("boolean")
        case .string: named("string") + text
        case .timestamp: named("string") + [.init("format", "date-time")]
        case .date: named("string") + [.init("format", "date")]
        case .uuid: named("string") + [.init("format", "uuid")]
        case .bytes: named("string") + base64
        // Null in a field of any JSON means that the field is null.
        case .json: field.isNullable ? [] : [.init("type", ["object", "array", "string", "number", "boolean"])]
        case .enumeration:
            named("string") + [
                .init("enum", .array(field.values.map { .string($0) } + (field.isNullable ? [.null] : [])))
            ]
        }
    }

    private func named(_ type: JSONValue) -> [JSONValue.Member] {
        [.init("type", field.isNullable ? [type, "null"] : type)]
    }

    private var bounds: [JSONValue.Member] {
        switch field.range {
        case .integers(let range):
            (range.lowerBound > .min ? [.init("minimum", .number(String(range.lowerBound)))] : [])
                + (range.upperBound < .max ? [.init("maximum", .number(String(range.upperBound)))] : [])
        case .numbers(let range):
            (range.lowerBound > -Double.greatestFiniteMagnitude
                ? [.init("minimum", .init(floatLiteral: range.lowerBound))] : [])
                + (range.upperBound < Double.greatestFiniteMagnitude
                    ? [.init("maximum", .init(floatLiteral: range.upperBound))] : [])
        case nil: []
        }
    }

    private var text: [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        if length.lowerBound > 0 { members.append(.init("minLength", .integer(length.lowerBound))) }
        if length.upperBound < .max { members.append(.init("maxLength", .integer(length.upperBound))) }
        switch (field.format, field.pattern) {
        // Not `format: email` as well: that is RFC 5321's language, which has not all of these addresses.
        case (.email, _): members.append(.init("pattern", .string(Self.emailPattern)))
        case (nil, let pattern?): members.append(.init("pattern", .string(pattern.source)))
        case (nil, nil): members.append(.init("pattern", #"^[^\u0000]*$"#))
        }
        // What no path can end in, as `FieldSchema` says.
        if field.key != nil { members.append(.init("not", ["enum": [".", ".."]])) }
        return members
    }

    private var base64: [JSONValue.Member] {
        var members: [JSONValue.Member] = [.init("contentEncoding", "base64"), .init("pattern", Self.base64Pattern)]
        // So many bytes have more characters than a number has room for. No value has as many.
        let length = length.clamped(to: 0...Int.max / 2)
        func characters(_ bytes: Int) -> JSONValue { .integer((bytes + 2) / 3 * 4) }
        if length.lowerBound > 0 { members.append(.init("minLength", characters(length.lowerBound))) }
        if length.upperBound < .max / 2 { members.append(.init("maxLength", characters(length.upperBound))) }
        return members
    }

    /// What a limit of bytes leaves of the length: no text has more characters than bytes.
    private var length: ClosedRange<Int> {
        let length = field.length ?? 0...Int.max
        return length.lowerBound...min(length.upperBound, field.byteLimit ?? .max)
    }

    private var remark: String? {
        var remarks: [String] = []
        if field.format == .email { remarks.append("An e-mail address, as the HTML standard has it.") }
        if field.format != nil, let pattern = field.pattern { remarks.append("Matches `\(pattern.source)`.") }
        switch field.key {
        case .generated: remarks.append("Assigned by the server, never used again.")
        case .assigned: remarks.append("Assigned by the client, never changed.")
        case nil: break
        }
        switch field.managed {
        case .createdAt: remarks.append("When the record was created.")
        case .updatedAt: remarks.append("When the record was last changed.")
        case nil: break
        }
        switch field.type {
        case .timestamp: remarks.append("Of the years 0001 to 9999, with any offset and at most 6 digits of a second.")
        case .date: remarks.append("A day of the years 0001 to 9999.")
        case .json: remarks.append("Any JSON\(field.isNullable ? "" : " but null").")
        default: break
        }
        if field.type == .bytes, length != 0...Int.max { remarks.append(Self.describe(length)) }
        if field.type == .string, let limit = field.byteLimit, length.upperBound > limit / 4 {
            remarks.append("At most \(limit) bytes in UTF-8.")
        }
        if let reference = field.reference { remarks.append("The key of a record of `\(reference.resource)`.") }
        switch field.uniqueness {
        case .exact: remarks.append("No two records have the same.")
        case .ignoringASCIICase: remarks.append("No two records have the same, ignoring the case of ASCII letters.")
        case nil: break
        }
        return remarks.isEmpty ? nil : remarks.joined(separator: " ")
    }

    private static func describe(_ length: ClosedRange<Int>) -> String {
        length.upperBound == .max
            ? "At least \(length.lowerBound) bytes." : "\(length.lowerBound) to \(length.upperBound) bytes."
    }

    /// RFC 4648, section 4: with padding, and no bit left over that isn't zero.
    private static let base64Pattern: JSONValue =
        "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$"

    /// From <https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address>.
    private static let emailPattern =
        #"^[a-zA-Z0-9.!#$%&'*+\/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"#
        + #"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$"#
}

// MARK: - Examples

extension OpenAPIField {
    /// A value that validates; nil when none can be made up, as for a pattern.
    var example: JSONValue? {
        if let value = field.defaultValue { return value }
        // Which records there are nobody knows here.
        if field.reference != nil, field.isNullable { return .null }
        switch field.type {
        case .integer: return .number(String(exampleInteger))
        case .number: return exampleNumber
        case .boolean: return true
        case .timestamp: return "2026-07-01T12:00:00.000000Z"
        case .date: return "2026-07-01"
        case .uuid: return "0198c5a4-7d0e-7000-8000-000000000000"
        case .bytes: return exampleBytes
        case .json: return ["any": ["JSON"]]
        case .enumeration: return field.values.first.map { .string($0) }
        case .string: return exampleText
        }
    }

    private var exampleInteger: Int64 {
        guard case .integers(let range) = field.range else { return 1 }
        return min(max(1, range.lowerBound), range.upperBound)
    }

    private var exampleNumber: JSONValue {
        guard case .numbers(let range) = field.range else { return 1.5 }
        return .init(floatLiteral: min(max(1.5, range.lowerBound), range.upperBound))
    }

    private var exampleBytes: JSONValue? {
        guard field.length != nil else { return "TWFydGxldA==" }
        return length.contains(3) ? "TWFy" : length.contains(0) ? "" : nil
    }

    private var exampleText: JSONValue? {
        if field.format == .email { return "ada@example.org" }
        let text = String("Some \(field.name)".prefix(length.upperBound))
        let filled = text + String(repeating: "x", count: max(0, min(length.lowerBound, 1000) - text.count))
        return field.pattern?.matches(filled) == false ? nil : .string(filled)
    }
}
