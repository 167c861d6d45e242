import MartletModel

/// One operation of the OpenAPI document.
struct OpenAPIOperation {
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
struct OpenAPIAnswer {
    let status: Int
    let description: String
    let headers: [String]
    /// Of its JSON; nil for an answer without content.
    var schema: JSONValue?

    var member: JSONValue.Member {
        var members: [JSONValue.Member] = [
            .init("description", .string(description)),
            .init("headers", OpenAPIHeader.references(headers + ["X-Request-Id"])),
        ]
        if let schema { members.append(.init("content", ["application/json": ["schema": schema]])) }
        return .init(String(status), .object(members))
    }
}
