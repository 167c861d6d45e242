import MartletModel

/// The OpenAPI document's parameters that every resource has.
///
/// Written out where they are used, not referenced: Swagger UI shows a path's referenced parameters without their names.
enum OpenAPIParameter {
    static let limit: JSONValue = [
        "name": "limit", "in": "query", "description": "Records in a page, at the most.",
        "schema": ["type": "integer", "minimum": 1, "maximum": 1000, "default": 100],
    ]

    static let cursor: JSONValue = [
        "name": "cursor", "in": "query", "description": "Where the page starts. Opaque: take it from a `Link` header.",
        "schema": ["type": "string", "minLength": 1],
    ]

    static let requestID: JSONValue = [
        "name": "X-Request-Id", "in": "header",
        "description": "Names the request in the answer and in the log, if it is 1 to 128 of `A-Z a-z 0-9 . _ -`.",
        "schema": ["type": "string"],
    ]
}
