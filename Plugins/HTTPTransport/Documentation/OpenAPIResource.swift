import MartletModel

/// A resource's part of the OpenAPI document: its paths and its schemas.
enum OpenAPIResource {
    static func paths(_ resource: ResourceSchema) -> [JSONValue.Member] {
        let collection = OpenAPIOperations(resource)
        return [
            .init("/\(resource.name)", collection.collectionPath),
            .init("/\(resource.name)/{\(resource.key.name)}", collection.recordPath),
        ]
    }

    /// The record as it is read, and as it is written by each method.
    static func schemas(_ resource: ResourceSchema) -> [JSONValue.Member] {
        let writable = resource.fields.filter { !$0.isReadOnly }
        let required = writable.filter(\.isRequired)
        return [
            .init(name(resource), record(resource)),
            .init(
                name(resource, "Create"),
                body("A new record.", writable, required: required)),
            .init(
                name(resource, "Replace"),
                body(
                    "A whole record. Its key may be there if it is the path's; other read-only fields are ignored.",
                    resource.fields, required: required)),
            .init(
                name(resource, "Patch"),
                body("What is to change (RFC 7396): absent fields stay as they are.", writable, required: [])),
        ]
    }

    /// A schema's name: `Users`, `UsersCreate`.
    static func name(_ resource: ResourceSchema, _ role: String = "") -> String {
        let words = resource.name.split { $0 == "-" || $0 == "_" }
        return words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined() + role
    }

    /// A record that validates.
    static func example(_ fields: [FieldSchema]) -> JSONValue {
        .object(fields.map { .init($0.name, example($0)) })
    }

    private static func record(_ resource: ResourceSchema) -> JSONValue {
        [
            "type": "object",
            "required": .array(resource.fields.map { .string($0.name) }),
            "properties": .object(
                resource.fields.map { field in
                    let readOnly: [JSONValue.Member] = field.isReadOnly ? [.init("readOnly", true)] : []
                    return .init(field.name, schema(field).with(readOnly))
                }),
            "examples": [example(resource.fields)],
        ]
    }

    private static func body(_ description: String, _ fields: [FieldSchema], required: [FieldSchema]) -> JSONValue {
        var members: [JSONValue.Member] = [.init("type", "object"), .init("description", .string(description))]
        if !required.isEmpty { members.append(.init("required", .array(required.map { .string($0.name) }))) }
        members += [
            .init("properties", .object(fields.map { .init($0.name, schema($0)) })),
            .init("additionalProperties", false),
            .init("examples", [example(fields)]),
        ]
        return .object(members)
    }

    /// A field's schema with every constraint that JSON Schema can say; the others in words.
    static func schema(_ field: FieldSchema) -> JSONValue {
        let type: JSONValue = .string(field.type == .integer ? "integer" : "string")
        var members: [JSONValue.Member] = [.init("type", field.isNullable ? [type, "null"] : type)]
        switch field.type {
        case .integer:
            members.append(.init("format", "int64"))
        case .string:
            members += text(field)
        }
        if let remark = remark(field) { members.append(.init("description", .string(remark))) }
        return .object(members)
    }

    private static func text(_ field: FieldSchema) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        if let length = field.length {
            if length.lowerBound > 0 { members.append(.init("minLength", .integer(length.lowerBound))) }
            if length.upperBound < .max { members.append(.init("maxLength", .integer(length.upperBound))) }
        }
        switch field.format {
        // Not `format: email` as well: that is RFC 5321's language, which has not all of these addresses.
        case .email: members.append(.init("pattern", .string(emailPattern)))
        case nil: members.append(.init("pattern", #"^[^\u0000]*$"#))
        }
        return members
    }

    private static func remark(_ field: FieldSchema) -> String? {
        var remarks: [String] = []
        if field.format == .email { remarks.append("An e-mail address, as the HTML standard has it.") }
        if field.key == .generated { remarks.append("Assigned by the server, never used again.") }
        switch field.uniqueness {
        case .exact: remarks.append("No two records have the same.")
        case .ignoringASCIICase: remarks.append("No two records have the same, ignoring the case of ASCII letters.")
        case nil: break
        }
        return remarks.isEmpty ? nil : remarks.joined(separator: " ")
    }

    private static func example(_ field: FieldSchema) -> JSONValue {
        switch (field.type, field.format) {
        case (.integer, _): return 1
        case (.string, .email): return "ada@example.org"
        case (.string, nil):
            let length = field.length ?? 0...Int.max
            let text = String("Some \(field.name)".prefix(length.upperBound))
            return .string(text + String(repeating: "x", count: max(0, length.lowerBound - text.count)))
        }
    }

    /// From <https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address>.
    private static let emailPattern =
        #"^[a-zA-Z0-9.!#$%&'*+\/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"#
        + #"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$"#
}
