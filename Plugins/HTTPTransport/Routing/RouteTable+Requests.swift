import MartletKernel
import MartletModel

/// The order in which a request is judged (http-api): HTTP, route, parameters, media type; its body comes later.
extension RouteTable {
    /// - Parameter exchange: gets the path and the handler before the rest is judged: the log names the route of a refused request.
    func accept(
        _ head: RequestHead, target bytes: UnsafeRawBufferPointer, _ server: ServerContext, _ exchange: inout Exchange,
        headerFields: () -> RequestFields
    ) throws(Rejection) -> RequestWork {
        if head.hasUnknownExpectation {
            throw Rejection(Problem(.expectationFailed, "The only expectation served is 100-continue."), closes: true)
        }
        guard head.method != .unknown else {
            throw Rejection(
                Problem(
                    .notImplemented, "This method is not served: GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS are."))
        }
        guard head.method != .connect else { throw .methodNotAllowed(Self.allMethods, closes: true) }
        let target = try RequestTarget(bytes, for: head.method)
        guard !target.isServer else {
            exchange.pattern = "*"
            return .respond(server.allowedMethods(Self.allMethods, for: exchange))
        }
        let found = try find(target.path)
        exchange.pattern = found.path.pattern
        if head.method == .options { return .respond(server.allowedMethods(found.path.allowedMethods, for: exchange)) }
        guard let handler = found.path.handler(for: head.method) else {
            throw .methodNotAllowed(found.path.allowedMethods)
        }
        exchange.handler = handler
        return try withoutActuallyEscaping(headerFields) { headerFields throws(Rejection) in
            var request = Request(
                head: head, target: target, path: found, server: server, headerFields: headerFields)
            if let known = handler.queryParameters { request.parameters = QueryParameters(target.query, known: known) }
            let work = handler.accept(&request)
            guard let work, request.parameters.areValid else { throw Rejection(request.parameters.problem) }
            try Self.checkMediaTypes(head, of: handler)
            return work
        }
    }

    private static let allMethods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"

    private static func checkMediaTypes(_ head: RequestHead, of handler: any RequestHandler) throws(Rejection) {
        guard !handler.respondsInJSON || head.acceptance.includesJSON else {
            throw Rejection(Problem(.notAcceptable, "The answer would be application/json, which Accept excludes."))
        }
        guard let body = handler.body else { return }
        if let encoding = head.contentEncoding {
            let detail = "The body must not have a Content-Encoding; it is \(quoted(encoding))."
            throw Rejection(
                Problem(.unsupportedMediaType, detail),
                fields: [ResponseField("Accept-Encoding", "identity")])
        }
        switch head.mediaType {
        case .json: return
        case .mergePatch where body.includesMergePatch: return
        default: throw .unsupportedMediaType(body, came: head.mediaType)
        }
    }
}

extension ServerContext {
    /// The response to OPTIONS.
    fileprivate func allowedMethods(_ methods: String, for exchange: Exchange) -> Answer {
        var answer = Answer(status: .noContent, content: .none, fields: [ResponseField("Allow", methods)])
        if exchange.isPreflight {
            answer.content = .permissions
            if case .allowed = exchange.origin, let crossOrigin {
                answer.fields += crossOrigin.permissions(methods: methods)
            }
        }
        return answer
    }
}

extension Rejection {
    fileprivate static func methodNotAllowed(_ methods: String, closes: Bool = false) -> Rejection {
        Rejection(
            Problem(.methodNotAllowed, "This path does not take the method."),
            fields: [ResponseField("Allow", methods)], closes: closes)
    }

    fileprivate static func unsupportedMediaType(_ body: BodyTypes, came type: MediaType) -> Rejection {
        let came =
            switch type {
            case .none: "it is missing"
            case .json: "it is application/json"
            case .mergePatch: "it is application/merge-patch+json"
            case .other(let text): "it is \(quoted(text))\(MediaType.hint(for: text))"
            }
        // curl -d says application/x-www-form-urlencoded unless told otherwise.
        let detail =
            "Content-Type must be one of: \(body.names); \(came). With curl: -H 'Content-Type: application/json'."
        return Rejection(Problem(.unsupportedMediaType, detail), fields: [ResponseField(body.field, body.names)])
    }
}
