import MartletModel

/// The OpenAPI document's paths that are no resource: health, and the documentation itself.
enum OpenAPIServer {
    /// What tools group them under: no resource's name has a capital.
    static let tag = "Server"

    static let paths: [JSONValue.Member] = [
        path("/health/live", "health_live", "Whether the server runs", health("live")),
        path("/health/ready", "health_ready", "Whether the server can do its work", health("ready")),
        path("/openapi.json", "openapi", "This document", ["application/json": ["schema": ["type": "object"]]]),
        path("/docs", "docs", "Documentation to try out", ["text/html": ["schema": ["type": "string"]]]),
    ]

    private static func health(_ status: JSONValue) -> JSONValue {
        [
            "application/json": [
                "schema": [
                    "type": "object", "required": ["status"],
                    "properties": ["status": ["type": "string", "const": status]],
                ]
            ]
        ]
    }

    private static func path(
        _ path: String, _ id: String, _ summary: String, _ content: JSONValue
    ) -> JSONValue.Member {
        let answer: JSONValue = [
            "description": "OK", "headers": OpenAPIHeader.references(["X-Request-Id"]), "content": content,
        ]
        let operation: JSONValue = [
            "operationId": .string(id), "summary": .string(summary), "tags": [.string(tag)],
            "responses": .object([.init("200", answer)] + OpenAPIProblem.references([])),
        ]
        return .init(path, ["parameters": [OpenAPIParameter.requestID], "get": operation])
    }
}
