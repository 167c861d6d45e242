import MartletModel

/// The operations of one resource, as OpenAPI's path items.
struct OpenAPIOperations {
    private let resource: ResourceSchema

    init(_ resource: ResourceSchema) {
        self.resource = resource
    }

    var collectionPath: JSONValue {
        [
            "parameters": [OpenAPIParameter.requestID],
            "get": list("list", "List records in the order of their keys", body: true),
            "post": operation(
                "create", "Create a record", body: "Create",
                success: ("201", record("The record that was created.", headers: ["Location", "X-Request-Id"])),
                problems: [400, 405, 406, 409, 413, 415, 422]),
            "head": list("head_list", "The headers of the list", body: false),
            "options": options("options_list"),
        ]
    }

    var recordPath: JSONValue {
        [
            "parameters": [
                [
                    "name": .string(resource.key.name), "in": "path", "required": true,
                    "description": "The record's key.", "schema": OpenAPIResource.schema(resource.key),
                ],
                OpenAPIParameter.requestID,
            ],
            "get": operation(
                "get", "Read a record", success: ("200", record("The record.", headers: Self.dataHeaders)),
                problems: [400, 404, 405, 406]),
            "put": operation(
                "replace", "Replace a record", body: "Replace",
                success: ("200", record("The record as it is now.", headers: ["Content-Location", "X-Request-Id"])),
                problems: [400, 404, 405, 406, 409, 413, 415, 422]),
            "patch": operation(
                "update", "Change a part of a record", body: "Patch",
                success: ("200", record("The record as it is now.", headers: Self.dataHeaders)),
                problems: [400, 404, 405, 406, 409, 413, 415, 422]),
            "delete": operation(
                "delete", "Delete a record", success: ("204", empty("The record is gone.", headers: ["X-Request-Id"])),
                problems: [400, 404, 405, 406]),
            "head": operation(
                "head", "The headers of a record",
                success: ("200", empty("The record is there.", headers: Self.dataHeaders)),
                problems: [400, 404, 405, 406]),
            "options": options("options"),
        ]
    }

    private static let dataHeaders = ["Cache-Control", "Vary", "X-Request-Id"]

    private func list(_ id: String, _ summary: String, body: Bool) -> JSONValue {
        let headers = ["Link"] + Self.dataHeaders
        let schema: JSONValue = [
            "type": "array", "items": reference("schemas", OpenAPIResource.name(resource)), "maxItems": 1000,
        ]
        let success =
            body ? json("A page of records.", schema, headers: headers) : empty("The page is there.", headers: headers)
        return operation(id, summary, success: ("200", success), problems: [400, 405, 406])
            .with([.init("parameters", [OpenAPIParameter.limit, OpenAPIParameter.cursor])])
    }

    private func options(_ id: String) -> JSONValue {
        operation(
            id, "Which methods there are", success: ("204", empty("See Allow.", headers: ["Allow", "X-Request-Id"])),
            problems: [])
    }

    /// - Parameters:
    ///   - body: the role of the schema that the request's body has.
    ///   - problems: the statuses beyond those that any request can get.
    private func operation(
        _ id: String, _ summary: String, body role: String? = nil, success: (String, JSONValue), problems: [Int]
    ) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("operationId", .string(resource.name.replacing("-", with: "_") + "_" + id)),
            .init("summary", .string(summary)),
            .init("tags", [.string(resource.name)]),
        ]
        if let role { members.append(.init("requestBody", requestBody(role))) }
        let writes: [Int] = role != nil || id == "delete" ? [504, 507] : []
        members.append(.init("responses", OpenAPIProblem.responses(success, problems + writes)))
        return .object(members)
    }

    private func requestBody(_ role: String) -> JSONValue {
        let content: JSONValue = ["schema": reference("schemas", OpenAPIResource.name(resource, role))]
        var types: [JSONValue.Member] = [.init("application/json", content)]
        if role == "Patch" { types.append(.init("application/merge-patch+json", content)) }
        return ["required": true, "content": .object(types)]
    }

    private func record(_ description: String, headers: [String]) -> JSONValue {
        json(description, reference("schemas", OpenAPIResource.name(resource)), headers: headers)
    }

    private func json(_ description: String, _ schema: JSONValue, headers: [String]) -> JSONValue {
        empty(description, headers: headers)
            .with([.init("content", ["application/json": ["schema": schema]])])
    }

    private func empty(_ description: String, headers: [String]) -> JSONValue {
        ["description": .string(description), "headers": OpenAPIHeader.references(headers)]
    }
}
