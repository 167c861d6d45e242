import MartletModel

/// The OpenAPI document's paths that are no resource: health, and the documentation itself.
enum OpenAPIServer {
    static let paths: [JSONValue.Member] = [
        path("/health/live", "health_live", "Whether the server runs", health("live"), [405]),
        path("/health/ready", "health_ready", "Whether the server can do its work", health("ready"), [405]),
        path(
            "/openapi.json", "openapi", "This document",
            ["application/json": ["schema": ["type": "object"]]], [405]),
        path("/docs", "docs", "Documentation to try out", ["text/html": ["schema": ["type": "string"]]], [405]),
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
        _ path: String, _ id: String, _ summary: String, _ content: JSONValue, _ problems: [Int]
    ) -> JSONValue.Member {
        .init(
            path,
            [
                "parameters": [OpenAPIParameter.requestID],
                "get": [
                    "operationId": .string(id), "summary": .string(summary), "tags": ["server"],
                    "responses": OpenAPIProblem.responses(
                        (
                            "200",
                            [
                                "description": "OK", "headers": OpenAPIHeader.references(["X-Request-Id"]),
                                "content": content,
                            ]
                        ), problems),
                ],
            ])
    }
}
