import MartletModel

/// The OpenAPI document's response headers. A component is called as its header.
enum OpenAPIHeader {
    static let components: [JSONValue.Member] = [
        header("Location", "The record's path.", uri),
        header("Content-Location", "The record's path.", uri),
        header(
            "ETag", "The record's version and its schema's checksum. A strong tag, for If-Match and If-None-Match.",
            ["type": "string", "pattern": "^\"[0-9]+-[0-9a-f]{8}\"$"]),
        header(
            "Preference-Applied", "What of Prefer was heeded.",
            ["type": "string", "enum": ["return=minimal", "return=representation"]]),
        header("Link", "The next page, if there is one: `<…>; rel=\"next\"` (RFC 8288).", text),
        header(
            "X-Total-Count", "How many records all pages have, with `count=true`.", ["type": "integer", "minimum": 0]),
        header("Allow", "The methods that this path has.", text),
        header("Accept-Post", "What a POST may send.", text),
        header("Accept-Patch", "What a PATCH may send.", text),
        header("Accept-Encoding", "How a body may be encoded.", text),
        header("Cache-Control", "Ask again before using a stored answer.", text),
        header("Vary", "The request headers that the answer depends on.", text),
        header("Retry-After", "Seconds to wait. Nothing was done.", ["type": "integer", "minimum": 0]),
        header("X-Request-Id", "The request's id: as sent, if it was sane, else a new one.", text),
    ]

    private static let text: JSONValue = ["type": "string"]
    private static let uri: JSONValue = ["type": "string", "format": "uri-reference"]

    /// The `headers` of a response.
    static func references(_ names: [String]) -> JSONValue {
        .object(names.map { .init($0, reference("headers", $0)) })
    }

    private static func header(_ name: String, _ description: String, _ schema: JSONValue) -> JSONValue.Member {
        .init(name, ["description": .string(description), "schema": schema])
    }
}
