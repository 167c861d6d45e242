import MartletModel

/// The order in which a request is judged (http-api): HTTP, route, parameters, media type; its body comes later.
extension Router {
    static let defaultLimit = 100
    static let maxLimit = 1000

    /// - Parameter site: set as soon as it is known, for the log of what is then refused.
    func plan(
        _ head: RequestHead, target: UnsafeRawBufferPointer, site found: inout Site?
    ) throws(Rejection) -> Plan {
        if head.hasUnknownExpectation {
            throw Rejection(Problem(.expectationFailed, "The only expectation served is 100-continue."), closes: true)
        }
        guard head.method != .unknown else {
            throw Rejection(Problem(.notImplemented, "HTTP has no such method."))
        }
        guard head.method != .connect else { throw .methodNotAllowed(.server, closes: true) }
        let target = try RequestTarget(target, for: head.method)
        let site = target.isServer ? Site.server : try self.site(for: target.path)
        found = site
        if head.method == .options { return .describe(allowedMethods: site.allowedMethods) }
        guard let intent = Intent(head.method, at: site) else { throw .methodNotAllowed(site) }
        if case .page(let page) = intent { return .page(page) }
        let plan = try self.plan(intent, head, target.query)
        if case .operate = plan { try checkMediaTypes(head, of: plan) }
        return plan
    }

    private func plan(_ intent: Intent, _ head: RequestHead, _ query: UnsafeRawBufferPointer?) throws(Rejection) -> Plan
    {
        var parameters = QueryParameters(query, known: intent.parameters)
        let plan = plan(intent, &parameters)
        guard let plan, parameters.errors.isEmpty else {
            throw Rejection(
                Problem(.invalidParameter, "The request's parameters are not valid.", errors: parameters.errors))
        }
        if case .operate = plan, let field = head.unservedField {
            throw Rejection(Problem(.invalidParameter, "The header field \(field) is not served by this version."))
        }
        return plan
    }

    /// Nil when a parameter is not valid, which is then among its errors.
    private func plan(_ intent: Intent, _ parameters: inout QueryParameters) -> Plan? {
        switch intent {
        case .liveness: return .liveness
        case .readiness: return .readiness
        case .page(let page): return .page(page)
        case .create(let resource): return .operate(resource, .create)
        case .list(let resource): return list(resource, &parameters)
        case .record(let resource, let text, let work):
            guard let key = Key(text, for: resource.schema) else {
                parameters.refuse(
                    resource.schema.key.name, .invalidParameter, "is not a valid key of \(resource.schema.name)")
                return nil
            }
            return .operate(resource, work(key))
        }
    }

    private func list(_ resource: ServedResource, _ parameters: inout QueryParameters) -> Plan? {
        var (limit, after) = (Int?.none, Key?.none)
        if let text = parameters["limit"] {
            limit = Int(text).flatMap { (1...Self.maxLimit).contains($0) && String($0) == text ? $0 : nil }
            if limit == nil {
                parameters.refuse("limit", .invalidParameter, "must be an integer from 1 to \(Self.maxLimit)")
            }
        }
        if let text = parameters["cursor"] {
            after = Cursor.decode(text, of: resource.schema)
            if after == nil { parameters.refuse("cursor", .invalidParameter, "is not a cursor of this list") }
        }
        return .operate(resource, .list(after: after, limit: limit ?? Self.defaultLimit, givenLimit: limit))
    }

    private func checkMediaTypes(_ head: RequestHead, of plan: Plan) throws(Rejection) {
        guard head.acceptance.includesJSON else {
            throw Rejection(Problem(.notAcceptable, "The answer would be application/json, which Accept excludes."))
        }
        guard plan.takesBody else { return }
        guard !head.isEncoded else {
            throw Rejection(
                Problem(.unsupportedMediaType, "The body must not have a Content-Encoding."),
                fields: [ResponseField("Accept-Encoding", "identity")])
        }
        switch (plan, head.mediaType) {
        case (_, .json), (.operate(_, .patch), .mergePatch): return
        case (.operate(_, .patch), _):
            throw .unsupportedMediaType("Accept-Patch", "application/json, application/merge-patch+json")
        case (.operate(_, .create), _): throw .unsupportedMediaType("Accept-Post", "application/json")
        default: throw .unsupportedMediaType("Accept", "application/json")
        }
    }
}

extension Rejection {
    fileprivate static func methodNotAllowed(_ site: Site, closes: Bool = false) -> Rejection {
        Rejection(
            Problem(.methodNotAllowed, "This path does not take the method."),
            fields: [ResponseField("Allow", site.allowedMethods)], closes: closes)
    }

    fileprivate static func unsupportedMediaType(_ field: StaticString, _ types: String) -> Rejection {
        Rejection(
            Problem(.unsupportedMediaType, "Content-Type must be one of: \(types)."),
            fields: [ResponseField(field, types)])
    }
}
