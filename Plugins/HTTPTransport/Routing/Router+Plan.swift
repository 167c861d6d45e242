import MartletKernel
import MartletModel

/// The order in which a request is judged (http-api): HTTP, route, parameters, media type; its body comes later.
extension Router {
    /// - Parameter site: set as soon as it is known, for the log of what is then refused.
    func plan(
        _ head: RequestHead, target: UnsafeRawBufferPointer, for application: Application, site found: inout Site?
    ) throws(Rejection) -> Plan {
        if head.hasUnknownExpectation {
            throw Rejection(Problem(.expectationFailed, "The only expectation served is 100-continue."), closes: true)
        }
        guard head.method != .unknown else {
            throw Rejection(
                Problem(
                    .notImplemented, "This method is not served: GET, HEAD, POST, PUT, PATCH, DELETE and OPTIONS are."))
        }
        guard head.method != .connect else { throw .methodNotAllowed(.server, closes: true) }
        let target = try RequestTarget(target, for: head.method)
        let site = target.isServer ? Site.server : try self.site(for: target.path)
        found = site
        if head.method == .options { return .describe(allowedMethods: site.allowedMethods) }
        guard let intent = Intent(head.method, at: site) else { throw .methodNotAllowed(site) }
        var parameters = QueryParameters()
        if let known = intent.parameters { parameters = QueryParameters(target.query, known: known) }
        let plan = plan(intent, head, target, application, &parameters)
        guard let plan, parameters.areValid else { throw Rejection(parameters.problem) }
        try checkMediaTypes(head, of: plan)
        return plan
    }

    /// What is wrong with parameters and header fields is added to `parameters`. Nil when it is so much that there is no plan.
    private func plan(
        _ intent: Intent, _ head: RequestHead, _ target: RequestTarget, _ application: Application,
        _ parameters: inout QueryParameters
    ) -> Plan? {
        switch intent {
        case .liveness: return .liveness
        case .readiness: return .readiness
        case .page(let page): return .page(page)
        case .list(let resource):
            head.checkConditions(served: [], ignored: .idempotencyKey, &parameters)
            let origin = resource.origin(ofList: head.method)
            let query = ListQuery(target.query, of: resource, application, origin: origin)
            query.errors.forEach { parameters.refuse($0) }
            return .list(PlannedList(query))
        case .read(let resource, let text):
            let key = key(text, of: resource, &parameters)
            guard let expanded = parameters["expand"] else {
                head.checkConditions(served: [.ifMatch, .ifNoneMatch], ignored: .idempotencyKey, &parameters)
                return key.map { .read(resource, $0, ifMatch: head.ifMatch, ifNoneMatch: head.ifNoneMatch) }
            }
            // Its answer depends on other records too, so no version tells whether a client has it.
            head.checkConditions(
                served: [], ignored: .idempotencyKey, where: "with expand, as there is no ETag", &parameters)
            let expansions = parameters.expansions(expanded, of: resource.schema, application)
            return key.map { .readExpanded(resource, $0, expansions) }
        case .create(let resource):
            return .write(resource, .create, terms(of: .create, head, target, &parameters))
        case .change(let resource, let text, let change):
            guard let key = key(text, of: resource, &parameters) else { return nil }
            return .write(resource, change(key), terms(of: change(key), head, target, &parameters))
        case .batch: return .batch(terms(of: .create, head, target, &parameters))
        }
    }

    private func key(
        _ text: String, of resource: ServedResource, _ parameters: inout QueryParameters
    ) -> Key? {
        if let key = Key(text, for: resource.schema) { return key }
        let (name, detail) = (resource.schema.key.name, "is not a valid key of \(resource.schema.name)")
        parameters.refuse(FieldError(at: .parameter(name), .invalidParameter, detail))
        return nil
    }

    private func checkMediaTypes(_ head: RequestHead, of plan: Plan) throws(Rejection) {
        switch plan {
        case .read, .readExpanded, .list, .write, .batch: break
        default: return
        }
        guard head.acceptance.includesJSON else {
            throw Rejection(Problem(.notAcceptable, "The answer would be application/json, which Accept excludes."))
        }
        guard plan.takesBody else { return }
        if let encoding = head.contentEncoding {
            let detail = "The body must not have a Content-Encoding; it is \(quoted(encoding))."
            throw Rejection(
                Problem(.unsupportedMediaType, detail),
                fields: [ResponseField("Accept-Encoding", "identity")])
        }
        switch (plan, head.mediaType) {
        case (_, .json), (.write(_, .patch, _), .mergePatch): return
        case (.write(_, .patch, _), _):
            throw .unsupportedMediaType(
                "Accept-Patch", "application/json, application/merge-patch+json", came: head.mediaType)
        case (.write(_, .create, _), _), (.batch, _):
            throw .unsupportedMediaType("Accept-Post", "application/json", came: head.mediaType)
        default: throw .unsupportedMediaType("Accept", "application/json", came: head.mediaType)
        }
    }
}

// MARK: - What a write depends on

extension Router {
    private func terms(
        of change: Plan.Change, _ head: RequestHead, _ target: RequestTarget, _ parameters: inout QueryParameters
    ) -> WriteTerms {
        var terms = WriteTerms()
        switch change {
        case .create:
            head.checkConditions(served: .idempotencyKey, &parameters)
        case .replace where head.ifNoneMatch == .any && !head.conditions.contains(.ifMatch):
            head.checkConditions(served: [.ifNoneMatch, .idempotencyKey], &parameters)
            terms.precondition = .absent
        case .replace, .patch, .delete:
            head.checkConditions(served: [.ifMatch, .idempotencyKey], &parameters)
            if let ifMatch = head.ifMatch {
                (terms.precondition, terms.unmatchableETag) = (ifMatch.precondition, ifMatch.unmatchable)
            }
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
    /// - Parameters:
    ///   - ignored: fields that have no meaning for what only reads.
    ///   - place: where the others are not served.
    fileprivate func checkConditions(
        served: ConditionFields, ignored: ConditionFields = [], where place: StaticString = "here",
        _ parameters: inout QueryParameters
    ) {
        guard !conditions.isEmpty else { return }
        for (field, name) in ConditionFields.names where conditions.subtracting(ignored).contains(field) {
            if !served.contains(field) {
                parameters.refuse(header: name, "is not served \(place)")
            } else if malformedConditions.contains(field) {
                // One of the three that are served anywhere.
                parameters.refuse(header: name, field == .idempotencyKey ? IdempotencyKey.form : EntityTags.form)
            }
        }
    }
}

extension QueryParameters {
    fileprivate mutating func expansions(
        _ text: String, of schema: ResourceSchema, _ application: Application
    ) -> [Expansion] {
        do throws(Problem) {
            return try application.expansions(text, of: schema)
        } catch {
            error.errors.forEach { refuse($0) }
            return []
        }
    }
}

extension Rejection {
    fileprivate static func methodNotAllowed(_ site: Site, closes: Bool = false) -> Rejection {
        Rejection(
            Problem(.methodNotAllowed, "This path does not take the method."),
            fields: [ResponseField("Allow", site.allowedMethods)], closes: closes)
    }

    fileprivate static func unsupportedMediaType(
        _ field: StaticString, _ types: String, came type: MediaType
    ) -> Rejection {
        let came =
            switch type {
            case .none: "it is missing"
            case .json: "it is application/json"
            case .mergePatch: "it is application/merge-patch+json"
            case .other(let text): "it is \(quoted(text))\(MediaType.hint(for: text))"
            }
        // curl -d says application/x-www-form-urlencoded unless told otherwise.
        let detail =
            "Content-Type must be one of: \(types); \(came). With curl: -H 'Content-Type: application/json'."
        return Rejection(Problem(.unsupportedMediaType, detail), fields: [ResponseField(field, types)])
    }
}
