import MartletKernel
import MartletModel

/// A resource's part of the OpenAPI document: its paths and its schemas.
struct OpenAPIResource {
    private let resource: ResourceSchema
    private let names: OpenAPINames
    private let resources: [String: ResourceSchema]

    /// - Parameter resources: all that the document describes, by name.
    init(_ resource: ResourceSchema, _ names: OpenAPINames, among resources: [String: ResourceSchema]) {
        self.resource = resource
        self.names = names
        self.resources = resources
    }

    var operations: OpenAPIOperations {
        OpenAPIOperations(resource, names, references: Expansion.names(of: resource, among: resources))
    }

    /// The record as it is read, and as it is written by each method.
    var schemas: [JSONValue.Member] {
        let writable = resource.fields.filter { !$0.isReadOnly }
        let changeable = writable.filter { $0.key == nil }
        // What was never shown needn't be sent back, unless the record may have to be made.
        let isCreating = resource.key.key == .assigned
        let replaced = changeable.filter { $0.isRequired && (isCreating || !$0.isWriteOnly) }
        return [
            .init(names.schema(resource), record),
            .init(names.schema(resource, .part), part),
            .init(
                names.schema(resource, .create),
                body("A new record.", writable, required: writable.filter(\.isRequired), example: writable)),
            .init(
                names.schema(resource, .replace),
                body(
                    "A whole record: fields that are not given get their default, or null. The key may be there if it is "
                        + "the path's; other fields that the server sets are ignored, so that what was read can be sent.",
                    resource.fields, required: replaced, version: Self.version, example: changeable)),
            .init(
                names.schema(resource, .patch),
                body(
                    "What is to change (RFC 7396): absent fields stay as they are, null clears.", changeable,
                    required: [], version: Self.version, isPatch: true, example: changeable)),
        ]
    }

    private static let ignored: JSONValue = ["description": "Set by the server: what is sent is ignored."]

    private static let version: JSONValue.Member = .init(
        ResourceSchema.versionName,
        [
            "type": "integer", "format": "int64",
            "description": "The version that is meant, as in the ETag: 412 if the record has another one by now.",
        ])

    private var record: JSONValue {
        let shown = resource.fields.filter { !$0.isWriteOnly }
        let members: [JSONValue.Member] = [
            .init("type", "object"),
            .init("required", .array(shown.map { .string($0.name) })),
            .init(
                "properties",
                .object(
                    shown.map { field in
                        let readOnly: [JSONValue.Member] = field.isReadOnly ? [.init("readOnly", true)] : []
                        return .init(field.name, OpenAPIField(field).schema.with(readOnly))
                    })),
        ]
        return .object(members + examples(shown, required: shown))
    }

    /// What a list with `fields` or `expand` answers.
    private var part: JSONValue {
        let shown = resource.fields.filter { !$0.isWriteOnly }
        let properties = shown.map { field in
            let readOnly: [JSONValue.Member] = field.isReadOnly ? [.init("readOnly", true)] : []
            let key = OpenAPIField(field).schemaWithoutDefault.with(readOnly)
            guard let target = field.reference.flatMap({ resources[$0.resource] }) else {
                return JSONValue.Member(field.name, key)
            }
            // Without `fields`, an expanded record has them all.
            return .init(field.name, ["anyOf": [key, reference("schemas", names.schema(target, .part))]])
        }
        let version: JSONValue = [
            "type": "integer", "format": "int64", "readOnly": true, "description": "The record's version.",
        ]
        return [
            "type": "object",
            "description": "A record of which `fields` names a part, or in which `expand` shows others.",
            "properties": .object(properties + [.init(ResourceSchema.versionName, version)]),
            "additionalProperties": false,
        ]
    }

    private func body(
        _ description: String, _ fields: [FieldSchema], required: [FieldSchema], version: JSONValue.Member? = nil,
        isPatch: Bool = false, example: [FieldSchema]
    ) -> JSONValue {
        var members: [JSONValue.Member] = [.init("type", "object"), .init("description", .string(description))]
        if !required.isEmpty { members.append(.init("required", .array(required.map { .string($0.name) }))) }
        let properties = fields.map { field in
            let writeOnly: [JSONValue.Member] = field.isWriteOnly ? [.init("writeOnly", true)] : []
            let described = OpenAPIField(field)
            // Not `readOnly`, by which clients would leave out what was read and is sent back.
            let isIgnored = field.isReadOnly && field.key == nil
            let schema = isIgnored ? Self.ignored : isPatch ? described.schemaWithoutDefault : described.schema
            return JSONValue.Member(field.name, schema.with(writeOnly))
        }
        members += [
            .init("properties", .object(properties + (version.map { [$0] } ?? []))),
            .init("additionalProperties", false),
        ]
        return .object(members + examples(example, required: required))
    }

    /// One that validates, if one can be made up.
    private func examples(_ fields: [FieldSchema], required: [FieldSchema]) -> [JSONValue.Member] {
        guard required.allSatisfy({ OpenAPIField($0).example != nil }) else { return [] }
        let example = fields.compactMap { field in
            OpenAPIField(field).example.map { JSONValue.Member(field.name, $0) }
        }
        return [.init("examples", [.object(example)])]
    }
}
