import MartletModel

/// The OpenAPI document's response headers. A component is called as its header.
enum OpenAPIHeader {
    static let components: [JSONValue.Member] = [
        header("Location", "The record's path.", ["type": "string", "format": "uri-reference"]),
        header("Content-Location", "The record's path.", ["type": "string", "format": "uri-reference"]),
        header("Link", "The next page, if there is one: `<…>; rel=\"next\"` (RFC 8288).", ["type": "string"]),
        header("Allow", "The methods that this path has.", ["type": "string"]),
        header("Accept-Post", "What a POST may send.", ["type": "string"]),
        header("Accept-Patch", "What a PATCH may send.", ["type": "string"]),
        header("Cache-Control", "Ask again before using a stored answer.", ["type": "string"]),
        header("Vary", "The request headers that the answer depends on.", ["type": "string"]),
        header("Retry-After", "Seconds to wait. Nothing was done.", ["type": "integer", "minimum": 0]),
        header("X-Request-Id", "The request's id: as sent, if it was sane, else a new one.", ["type": "string"]),
    ]

    /// The `headers` of a response.
    static func references(_ names: [String]) -> JSONValue {
        .object(names.map { .init($0, reference("headers", $0)) })
    }

    private static func header(_ name: String, _ description: String, _ schema: JSONValue) -> JSONValue.Member {
        .init(name, ["description": .string(description), "schema": schema])
    }
}
