import MartletKernel
import MartletModel
import NIOCore

/// Serves a plugin's ``Route``: checks the input, and writes the output.
struct CallRoute: RequestHandler {
    let route: Route
    /// With the base path.
    let path: String
    private let queryNames: [String]

    init(_ route: Route, basePath: String) {
        self.route = route
        path = basePath + route.endpoint.path.description
        let endpoint = route.endpoint
        queryNames = zip(endpoint.input.messageFields, endpoint.sources).filter { $0.1 == .query }.map(\.0.name)
    }

    var queryParameters: [String]? { queryNames }
    var respondsInJSON: Bool { route.streamedType == nil }
    var body: BodyTypes? {
        guard route.endpoint.takesBody else { return nil }
        return BodyTypes(field: route.endpoint.method == .post ? "Accept-Post" : "Accept")
    }

    func accept(_ request: inout Request) -> RequestWork? {
        let isWrite = route.endpoint.method != .get
        request.checkConditions(
            served: isWrite ? .idempotencyKey : [], ignored: isWrite ? [] : .idempotencyKey)
        let headerFields = request.headerFields()
        let input = input(of: &request, headerFields)
        let terms = request.terms(at: request.target.path.text)
        return .wait { [route] server, body, context throws(Problem) in
            let (row, idempotency) = try body.withUnsafeReadableBytes { bytes throws(Problem) in
                (
                    try input.complete(route.endpoint.takesBody ? bytes : nil),
                    terms.idempotency(bytes, context.principal)
                )
            }
            let request = RouteRequest(
                application: server.application, context: context, idempotency: idempotency,
                headerFields: headerFields.all)
            return try await route.handler(row, request).encoding(for: route)
        }
    }

    /// What the path, the query and the header fields say of the input.
    private func input(of request: inout Request, _ headerFields: RequestFields) -> EndpointInput {
        var input = EndpointInput(route.endpoint)
        for (column, (field, source)) in zip(route.endpoint.input.messageFields, route.endpoint.sources).enumerated() {
            switch source {
            case .path:
                let index = route.endpoint.path.parameters.firstIndex(of: field.name) ?? 0
                input.take(request.path.values[index], column: column, as: field.name)
            case .query: input.take(request.parameters[field.name], column: column, as: field.name)
            case .header(let name): input.take(headerFields[name], column: column, as: name)
            case .body: break
            }
        }
        input.errors.forEach { request.parameters.refuse($0) }
        return input
    }
}

extension RouteResponse {
    fileprivate func encoding(for route: Route) -> LargeResponse.Encode {
        switch self {
        case .none: { _ in Answer(status: .noContent, content: .none) }
        case .record(let row):
            { json in
                json.write(row: 0, of: row, route.endpoint.output)
                return Answer(status: .ok, content: .record)
            }
        case .chunks(let chunks):
            { _ in
                Answer(status: .ok, content: .chunks(chunks, type: route.streamedType ?? "application/octet-stream"))
            }
        }
    }
}
