import MartletModel

/// The OpenAPI document's problems: their schema, and a response for each status.
enum OpenAPIProblem {
    static let schemas: [JSONValue.Member] = [
        .init(
            "Problem",
            [
                "type": "object",
                "description": "What went wrong (RFC 9457).",
                "required": ["type", "title", "status", "code", "detail", "requestId"],
                "properties": [
                    "type": ["type": "string", "format": "uri", "description": "A URN that ends in the code."],
                    "title": ["type": "string", "description": "The status in words."],
                    "status": ["type": "integer", "minimum": 400, "maximum": 599],
                    "code": [
                        "type": "string", "enum": .array(ProblemCode.all.map { .string($0.rawValue) }),
                        "description": "The kind of failure. Codes are stable.",
                    ],
                    "detail": ["type": "string", "description": "For a person."],
                    "requestId": ["type": "string", "description": "As in X-Request-Id, and in the server's log."],
                    "errors": [
                        "type": "array", "maxItems": .integer(Problem.maxErrors),
                        "items": reference("schemas", "FieldError"),
                    ],
                ],
            ]),
        .init(
            "FieldError",
            [
                "type": "object",
                "description": "What is wrong with one part of the request.",
                "required": ["code", "detail"],
                "properties": [
                    "pointer": [
                        "type": "string", "description": "Where in the body: a JSON Pointer as a URI fragment.",
                    ],
                    "parameter": ["type": "string", "description": "Which query parameter."],
                    "code": [
                        "type": "string", "enum": .array(FieldError.Code.all.map { .string($0.rawValue) }),
                        "description": "The kind of mistake. Codes are stable.",
                    ],
                    "detail": ["type": "string", "description": "For a person."],
                ],
            ]),
    ]

    /// A response component for each status that a problem can have.
    static var responses: [JSONValue.Member] {
        Set(ProblemCode.all.map(\.status)).sorted().map { .init(name($0), response($0)) }
    }

    /// The problems of an operation, and those that any request can get.
    static func references(_ statuses: [Int]) -> [JSONValue.Member] {
        let all = Set(statuses + [400, 405, 408, 414, 417, 431, 500, 503]).sorted()
        return all.map { .init(String($0), reference("responses", name($0))) }
    }

    private static func response(_ status: Int) -> JSONValue {
        let codes = ProblemCode.all.filter { $0.status == status }
        var headers = ["X-Request-Id"]
        switch status {
        case 405: headers.append("Allow")
        case 415: headers += ["Accept-Post", "Accept-Patch", "Accept-Encoding"]
        case 409, 503: headers.append("Retry-After")
        default: break
        }
        return [
            "description": .string(
                Problem.title(of: status) + ": " + codes.map { "`\($0.rawValue)`" }.joined(separator: ", ") + "."),
            "headers": OpenAPIHeader.references(headers),
            "content": [
                "application/problem+json": [
                    "schema": reference("schemas", "Problem"),
                    "example": example(codes[0]),
                ]
            ],
        ]
    }

    private static func example(_ code: ProblemCode) -> JSONValue {
        var problem = Problem(code, Problem.title(of: code.status) + ".")
        problem.requestID = "0198c5a4-7d0e-7000-8000-000000000000"
        switch code {
        case .validationFailed:
            problem.errors = [FieldError(field: "email", .format, "must be an e-mail address")]
        case .uniqueTaken:
            problem.errors = [FieldError(field: "email", .unique, "is taken by another record")]
        case .invalidParameter:
            problem.errors = [
                FieldError(
                    at: .parameter("limit"), .invalidParameter, "must be an integer from 1 to \(ListQuery.maxLimit)")
            ]
        default: break
        }
        return problem.json
    }

    /// `Not Found` → `NotFound`
    private static func name(_ status: Int) -> String {
        Problem.title(of: status).filter { $0 != " " }
    }
}
