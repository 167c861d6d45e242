import MartletModel

/// The OpenAPI document's parameters that every resource has.
enum OpenAPIParameter {
    static let components: [JSONValue.Member] = [
        .init(
            "Limit",
            [
                "name": "limit", "in": "query", "description": "Records in a page, at the most.",
                "schema": ["type": "integer", "minimum": 1, "maximum": 1000, "default": 100],
            ]),
        .init(
            "Cursor",
            [
                "name": "cursor", "in": "query",
                "description": "Where the page starts. Opaque: take it from a `Link` header.",
                "schema": ["type": "string"],
            ]),
        .init(
            "RequestID",
            [
                "name": "X-Request-Id", "in": "header",
                "description":
                    "Names the request in the answer and in the server's log, if it is 1 to 128 of `A-Z a-z 0-9 . _ -`.",
                "schema": ["type": "string"],
            ]),
    ]
}
