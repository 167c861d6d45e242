import MartletKernel
import MartletModel
import NIOCore

/// Serves a plugin's ``Route``: checks the input, and writes the output.
struct CallRoute: RequestHandler {
    let route: Route
    private let basePath: String
    private let queryNames: [String]

    init(_ route: Route, basePath: String) {
        self.route = route
        self.basePath = basePath
        let endpoint = route.endpoint
        queryNames = zip(endpoint.input.messageFields, endpoint.sources).filter { $0.1 == .query }.map(\.0.name)
    }

    var queryParameters: [String]? { queryNames }
    var respondsInJSON: Bool { route.streamedType == nil }
    var body: BodyTypes? {
        guard route.endpoint.takesBody else { return nil }
        return switch route.endpoint.method {
        case .post: BodyTypes(field: "Accept-Post")
        case .patch: BodyTypes(field: "Accept-Patch")
        default: BodyTypes(field: "Accept")
        }
    }

    func accept(_ request: inout Request) -> RequestWork? {
        let isWrite = route.endpoint.method != .get
        request.checkConditions(
            served: isWrite ? .idempotencyKey : [], ignored: isWrite ? [] : .idempotencyKey)
        let headerFields = request.headerFields()
        let input = input(of: &request, headerFields)
        var terms = request.terms(at: path(of: request.path.values))
        terms.fingerprint = fingerprint(terms.fingerprint, headerFields)
        return .start { [route, terms] server, body, context throws(Problem) in
            let (row, idempotency) = try body.withUnsafeReadableBytes { bytes throws(Problem) in
                (
                    try input.complete(route.endpoint.takesBody ? bytes : nil),
                    terms.idempotency(bytes, context.principal)
                )
            }
            return .later { () async throws(Problem) -> LargeResponse.Encode in
                let response = try await server.application.call(
                    route, row, context, idempotency: idempotency, headerFields: headerFields)
                return response.encoding(for: route)
            }
        }
    }

    /// In the one spelling that it has, however the request has percent-encoded it.
    private func path(of values: PathValues) -> String {
        var index = -1
        return route.endpoint.path.segments.reduce(into: basePath) { path, segment in
            switch segment {
            case .literal(let text): path += "/\(text)"
            case .parameter:
                index += 1
                path += "/\(PercentEncoding.encode(values[index].utf8))"
            }
        }
    }

    /// With the header fields that are part of the input: a request with another one is another request.
    private func fingerprint(_ head: UInt64, _ headerFields: RequestFields) -> UInt64 {
        route.endpoint.sources.reduce(head) { fingerprint, source in
            guard case .header(let name) = source, let value = headerFields[name] else {
                return fingerprint
            }
            return Array("\(name): \(value)\n".utf8).withUnsafeBytes { Fingerprint.whole(fingerprint, body: $0) }
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
