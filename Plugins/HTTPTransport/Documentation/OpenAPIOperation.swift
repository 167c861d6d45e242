import MartletModel

/// What the OpenAPI document says of a route.
struct OpenAPIRoute: Sendable {
    /// The parameters in its path.
    var pathParameters: [JSONValue] = []
    /// By the names of methods: a route can serve HEAD and OPTIONS beside its own.
    let operations: [(method: String, operation: OpenAPIOperation)]
    /// Components that it refers to, and no other route defines.
    var schemas: [JSONValue.Member] = []
}

/// One operation of the OpenAPI document.
struct OpenAPIOperation: Sendable {
    let id: String
    let summary: String
    let tag: String
    var parameters: [JSONValue] = []
    var requestBody: JSONValue?
    /// What it answers when all is well.
    let answers: [OpenAPIAnswer]
    /// The statuses of its problems beyond those that any request can get.
    var problems: [Int] = []

    var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("operationId", .string(id)), .init("summary", .string(summary)), .init("tags", [.string(tag)]),
        ]
        if !parameters.isEmpty { members.append(.init("parameters", .array(parameters))) }
        if let requestBody { members.append(.init("requestBody", requestBody)) }
        members.append(.init("responses", .object(answers.map(\.member) + OpenAPIProblem.references(problems))))
        return .object(members)
    }
}

/// An answer to an operation when all is well.
struct OpenAPIAnswer: Sendable {
    let status: Int
    let description: String
    let headers: [String]
    /// Of its content; nil for an answer without.
    var schema: JSONValue?
    var mediaType = "application/json"

    var member: JSONValue.Member {
        var members: [JSONValue.Member] = [
            .init("description", .string(description)),
            .init("headers", OpenAPIHeader.references(headers + ["X-Request-Id"])),
        ]
        if let schema { members.append(.init("content", .object([.init(mediaType, ["schema": schema])]))) }
        return .init(String(status), .object(members))
    }
}
