import MartletKernel
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
        var parameters = QueryParameters(target.query, known: intent.parameters)
        let plan = try plan(intent, head, target, &parameters)
        guard let plan, parameters.errors.isEmpty else {
            throw Rejection(
                Problem(.invalidParameter, "The request's parameters are not valid.", errors: parameters.errors))
        }
        try checkMediaTypes(head, of: plan)
        return plan
    }

    /// Nil when a parameter is not valid, which is then among its errors.
    private func plan(
        _ intent: Intent, _ head: RequestHead, _ target: RequestTarget, _ parameters: inout QueryParameters
    ) throws(Rejection) -> Plan? {
        switch intent {
        case .liveness: return .liveness
        case .readiness: return .readiness
        // Any query is taken: browsers and caches add their own.
        case .page(let page):
            parameters = QueryParameters(nil, known: [])
            return .page(page)
        case .list(let resource):
            try head.checkConditions(served: [], ignored: .idempotencyKey)
            return list(resource, &parameters)
        case .read(let resource, let text):
            try head.checkConditions(served: [.ifMatch, .ifNoneMatch], ignored: .idempotencyKey)
            guard let key = key(text, of: resource, &parameters) else { return nil }
            return .read(resource, key, ifMatch: head.ifMatch, ifNoneMatch: head.ifNoneMatch)
        case .create(let resource):
            let terms = try terms(of: .create, head, target)
            return .write(resource, .create, terms)
        case .change(let resource, let text, let change):
            guard let key = key(text, of: resource, &parameters) else { return nil }
            return .write(resource, change(key), try terms(of: change(key), head, target))
        case .batch: return .batch(try terms(of: .create, head, target))
        }
    }

    private func key(
        _ text: String, of resource: ServedResource, _ parameters: inout QueryParameters
    ) -> Key? {
        if let key = Key(text, for: resource.schema) { return key }
        parameters.refuse(resource.schema.key.name, .invalidParameter, "is not a valid key of \(resource.schema.name)")
        return nil
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
        return .list(resource, after: after, limit: limit ?? Self.defaultLimit, givenLimit: limit)
    }

    private func checkMediaTypes(_ head: RequestHead, of plan: Plan) throws(Rejection) {
        switch plan {
        case .read, .list, .write, .batch: break
        default: return
        }
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
        case (_, .json), (.write(_, .patch, _), .mergePatch): return
        case (.write(_, .patch, _), _):
            throw .unsupportedMediaType("Accept-Patch", "application/json, application/merge-patch+json")
        case (.write(_, .create, _), _), (.batch, _): throw .unsupportedMediaType("Accept-Post", "application/json")
        default: throw .unsupportedMediaType("Accept", "application/json")
        }
    }
}

// MARK: - What a write depends on

extension Router {
    private func terms(
        of change: Plan.Change, _ head: RequestHead, _ target: RequestTarget
    ) throws(Rejection) -> WriteTerms {
        var terms = WriteTerms()
        switch change {
        case .create:
            try head.checkConditions(served: .idempotencyKey)
        case .replace where head.ifNoneMatch == .any && !head.conditions.contains(.ifMatch):
            try head.checkConditions(served: [.ifNoneMatch, .idempotencyKey])
            terms.precondition = .absent
        case .replace, .patch, .delete:
            try head.checkConditions(served: [.ifMatch, .idempotencyKey])
            if let ifMatch = head.ifMatch { terms.precondition = ifMatch.precondition }
        }
        terms.preference = head.preference
        guard let key = head.idempotencyKey else { return terms }
        terms.idempotencyScope = "\(head.method.name) \(target.path.text) \(key)"
        var fingerprint = head.fingerprint
        if let query = target.query { fingerprint.add(.query, query) }
        terms.fingerprint = fingerprint.head
        return terms
    }
}

extension RequestHead {
    /// Refuses a field that decides whether the request is done, and can't be heeded.
    /// - Parameter ignored: fields that have no meaning for what only reads.
    fileprivate func checkConditions(
        served: ConditionFields, ignored: ConditionFields = []
    ) throws(Rejection) {
        guard !conditions.isEmpty else { return }
        for (field, name) in ConditionFields.names where conditions.subtracting(ignored).contains(field) {
            guard served.contains(field) else {
                throw Rejection(Problem(.invalidParameter, "The header field \(name) is not served here."))
            }
            guard !malformedConditions.contains(field) else {
                throw Rejection(Problem(.invalidParameter, "The header field \(name) is not a valid one."))
            }
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
