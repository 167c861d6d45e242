import MartletClient

extension ClientRequest {
    /// A request with a JSON body.
    static func json(
        _ method: HTTPMethod, _ path: String, _ body: String, _ headers: HeaderFields = [:]
    ) -> ClientRequest {
        var headers = headers
        headers.set("Content-Type", "application/json")
        return ClientRequest(method, path, headers: headers, body: Array(body.utf8))
    }
}

extension ClientResponse {
    var text: String { String(decoding: body, as: UTF8.self) }
}
