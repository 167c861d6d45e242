import MartletModel

/// The OpenAPI document's part about `/batch`.
struct OpenAPIBatch {
    static let schemaNames = [
        "BatchRequest", "BatchOperation", "BatchCreate", "BatchChange", "BatchDelete", "BatchAnswer", "BatchResult",
    ]

    private let resources: [ResourceSchema]
    private let names: OpenAPINames

    init(_ resources: [ResourceSchema], _ names: OpenAPINames) {
        self.resources = resources
        self.names = names
    }

    var route: OpenAPIRoute {
        let operation = OpenAPIOperation(
            id: "batch", summary: "Do several writes: all or none", tag: OpenAPIServer.tag,
            parameters: [OpenAPIParameter.idempotencyKey, OpenAPIParameter.prefer],
            requestBody: [
                "required": true,
                "content": ["application/json": ["schema": reference("schemas", "BatchRequest")]],
            ],
            answers: [
                OpenAPIAnswer(
                    status: 200, description: "What became of each operation, in their order.",
                    headers: ["Preference-Applied", "Cache-Control", "Vary"],
                    schema: reference("schemas", "BatchAnswer"))
            ],
            problems: [404, 406, 409, 412, 413, 415, 422, 504, 507]
                + (resources.contains(where: \.requiresPreconditions) ? [428] : []))
        let options = OpenAPIOperation(
            id: "batch_options", summary: "Which methods there are", tag: OpenAPIServer.tag,
            answers: [OpenAPIAnswer(status: 204, description: "See Allow.", headers: ["Allow"])])
        return OpenAPIRoute(operations: [("post", operation), ("options", options)], schemas: schemas)
    }

    private var schemas: [JSONValue.Member] {
        [
            .init("BatchRequest", request),
            .init(
                "BatchOperation",
                [
                    "description": "A request of its own, but for what it takes from those before it.",
                    "oneOf": .array(["BatchCreate", "BatchChange", "BatchDelete"].map { reference("schemas", $0) }),
                ]),
            // Each with a name, by which client generators call what they make of it.
            .init("BatchCreate", Self.operation(["POST"], hasBody: true, hasMatch: false)),
            .init("BatchChange", Self.operation(["PUT", "PATCH"], hasBody: true, hasMatch: true)),
            .init("BatchDelete", Self.operation(["DELETE"], hasBody: false, hasMatch: true)),
            .init(
                "BatchAnswer",
                [
                    "type": "object", "required": ["results"],
                    "properties": [
                        "results": [
                            "type": "array", "items": reference("schemas", "BatchResult"), "minItems": 1,
                            "maxItems": .integer(BatchBody.limit),
                        ]
                    ],
                ]),
            .init("BatchResult", result),
        ]
    }

    private var request: JSONValue {
        var members: [JSONValue.Member] = [
            .init("type", "object"), .init("required", ["operations"]),
            .init(
                "properties",
                [
                    "operations": [
                        "type": "array", "items": reference("schemas", "BatchOperation"), "minItems": 1,
                        "maxItems": .integer(BatchBody.limit),
                    ]
                ]),
            .init("additionalProperties", false),
        ]
        if let example { members.append(.init("examples", [example])) }
        return .object(members)
    }

    /// One that validates, if one can be made up. A reference stands in a path alone here: tools take an object with
    /// `$ref` for one of their own.
    private var example: JSONValue? {
        let written = resources.lazy.map { ($0, $0.fields.filter { !$0.isReadOnly }) }
        let possible = written.first { _, fields in
            fields.allSatisfy { !$0.isRequired || OpenAPIField($0).example != nil }
        }
        guard let (resource, fields) = possible else { return nil }
        let body = fields.compactMap { field in
            OpenAPIField(field).example.map { JSONValue.Member(field.name, $0) }
        }
        let path = #"/\#(resource.name)/{"$ref":"0/\#(resource.key.name)"}"#
        return [
            "operations": [
                ["method": "POST", "path": .string("/\(resource.name)"), "body": .object(body)],
                ["method": "DELETE", "path": .string(path), "ifMatch": "*"],
            ]
        ]
    }

    private static func operation(_ methods: [JSONValue], hasBody: Bool, hasMatch: Bool) -> JSONValue {
        var properties: [JSONValue.Member] = [
            .init("method", ["type": "string", "enum": .array(methods)]),
            .init(
                "path",
                [
                    "type": "string", "pattern": "^/",
                    "description": .string(
                        #"The request's path. `{"$ref":"0/id"}` as its last segment takes the key from the record of "#
                            + "an earlier operation: its number, counted from 0, and a field."),
                ]),
        ]
        if hasMatch {
            properties.append(
                .init(
                    "ifMatch",
                    ["type": "string", "pattern": OpenAPIParameter.tagsPattern, "description": "As If-Match."]))
        }
        if hasBody {
            properties.append(
                .init(
                    "body",
                    [
                        "type": "object",
                        "description": .string(
                            #"The request's body. Except in fields of any JSON `{"$ref":"0/id"}` may stand for a "#
                                + "value: that of a field of an earlier operation's record."),
                    ]))
        }
        return [
            "type": "object", "required": hasBody ? ["method", "path", "body"] : ["method", "path"],
            "properties": .object(properties), "additionalProperties": false,
        ]
    }

    private var result: JSONValue {
        let header: JSONValue = ["type": "string"]
        var body: JSONValue = ["type": "object"]
        if !resources.isEmpty {
            body = ["anyOf": .array(resources.map { reference("schemas", names.schema($0)) })]
        }
        return [
            "type": "object", "required": ["status", "headers"],
            "properties": [
                "status": ["type": "integer", "enum": [200, 201, 204]],
                "headers": [
                    "type": "object",
                    "properties": ["Location": header, "Content-Location": header, "ETag": header],
                ],
                "body": body,
            ],
        ]
    }
}
