import MartletKernel
import MartletModel

/// `GET /users`: a page of the records, filtered and sorted as the query says.
struct ListRecords: RequestHandler {
    let resource: ServedResource

    /// ``ListQuery`` reads the query.
    var queryParameters: [String]? { nil }

    func accept(_ request: inout Request) -> RequestWork? {
        request.checkConditions(served: [], ignored: .idempotencyKey)
        let query = ListQuery(
            request.target.query, of: resource, request.server.application,
            origin: resource.origin(ofList: request.head.method))
        query.errors.forEach { request.parameters.refuse($0) }
        var list = query.request
        list.maxBytes = request.server.limits.pageBytes
        return .start { [resource, list, rest = query.rest] server, _, context throws(Problem) in
            try server.application.beginList(list, context).map { page in
                { json throws(Problem) in
                    let next = page.next.map { PageLink(to: $0, of: list, at: resource.path, query: rest) }
                    return try .page(page, of: list, next, limit: server.limits.targetSize, &json)
                }
            }
        }
    }
}

extension Answer {
    /// - Parameter limit: bytes that a request's target may have.
    /// - Throws: 400 if the next page's is longer. Its client would be led to a 414.
    fileprivate static func page(
        _ page: Page, of list: ListRequest, _ next: PageLink?, limit: Int, _ json: inout JSONWriter
    ) throws(Problem) -> Answer {
        var answer = Answer(status: .ok, content: .record)
        if let target = next?.target {
            guard target.utf8.count <= limit else {
                let detail = "The next page's address would be longer than the \(limit) bytes that are taken."
                throw Problem(.invalidParameter, detail)
            }
            answer.fields = [ResponseField("Link", "<\(target)>; rel=\"next\"")]
        }
        if let total = page.total { answer.fields.append(ResponseField("X-Total-Count", String(total))) }
        json.write(array: page.rows, list.resource, columns: list.columns, embedding: page.embedded)
        return answer
    }
}
