import MartletModel

/// The OpenAPI document's paths that are no resource: health, and the documentation itself.
enum OpenAPIServer {
    /// What tools group them under: no resource's name has a capital.
    static let tag = "Server"

    static let liveness = route("health_live", "Whether the server runs", health("live"))
    static let readiness = route("health_ready", "Whether the server can do its work", health("ready"))
    static let openAPI = route("openapi", "This document", ["type": "object"])
    static let documentation = route("docs", "Documentation to try out", ["type": "string"], "text/html")

    private static func health(_ status: JSONValue) -> JSONValue {
        [
            "type": "object", "required": ["status"],
            "properties": ["status": ["type": "string", "const": status]],
        ]
    }

    private static func route(
        _ id: String, _ summary: String, _ schema: JSONValue, _ mediaType: String = "application/json"
    ) -> OpenAPIRoute {
        let answer = OpenAPIAnswer(status: 200, description: "OK", headers: [], schema: schema, mediaType: mediaType)
        return OpenAPIRoute(operations: [
            ("get", OpenAPIOperation(id: id, summary: summary, tag: tag, answers: [answer]))
        ])
    }
}
