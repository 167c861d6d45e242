import MartletKernel
import MartletModel

/// A request while a handler judges it by its head, with what is wrong with it so far.
struct Request {
    let head: RequestHead
    /// Valid for as long as it is judged.
    let target: RequestTarget
    let path: FoundPath
    let server: ServerContext
    /// All header fields, in their order.
    let headerFields: () -> RequestFields
    /// Its query's parameters, and the errors of parameters and header fields.
    var parameters = QueryParameters()

    /// The key in the path.
    mutating func key(of resource: ServedResource) -> Key? {
        if let key = path.values.key(at: 0, of: resource.schema) { return key }
        let (name, detail) = (resource.schema.key.name, "is not a valid key of \(resource.schema.name)")
        parameters.refuse(FieldError(at: .parameter(name), .invalidParameter, detail))
        return nil
    }

    mutating func expansions(_ text: String, of resource: ServedResource) -> [Expansion] {
        do throws(Problem) {
            return try server.application.expansions(text, of: resource.schema)
        } catch {
            error.errors.forEach { parameters.refuse($0) }
            return []
        }
    }

    /// Refuses a header field that decides whether the request is done, and can't be heeded.
    /// - Parameters:
    ///   - ignored: fields that have no meaning for what only reads.
    ///   - place: where the others are not served.
    mutating func checkConditions(
        served: ConditionFields, ignored: ConditionFields = [], where place: StaticString = "here"
    ) {
        guard !head.conditions.isEmpty else { return }
        for (field, name) in ConditionFields.names where head.conditions.subtracting(ignored).contains(field) {
            if !served.contains(field) {
                parameters.refuse(header: name, "is not served \(place)")
            } else if head.malformedConditions.contains(field) {
                // One of the three that are served anywhere.
                parameters.refuse(header: name, field == .idempotencyKey ? IdempotencyKey.form : EntityTags.form)
            }
        }
    }

    /// What the head says of a write beside where it goes.
    /// - Parameter path: of what is written, in the one spelling that it has.
    func terms(at path: String) -> WriteTerms {
        var terms = WriteTerms()
        terms.preference = head.preference
        guard let key = head.idempotencyKey else { return terms }
        let rawPath = target.path.text
        terms.idempotency = WriteTerms.Key(
            scope: "\(head.method.name) \(path) \(key)",
            formerScope: rawPath == path ? nil : "\(head.method.name) \(rawPath) \(key)")
        var fingerprint = head.fingerprint
        if let query = target.query { fingerprint.add(.query, query) }
        terms.fingerprint = fingerprint.head
        return terms
    }
}

/// What a request's head says of a write beside where it goes.
struct WriteTerms: Sendable {
    /// An Idempotency-Key with the method and the path that it is for.
    struct Key {
        let scope: String
        /// What version 0.1 kept the key under: with the path as it came. Its entries are known for 24 hours.
        let formerScope: String?
    }

    var precondition = Precondition.none
    /// If-Match has a tag that can't match.
    var unmatchableETag: UnmatchableETag?
    var preference: Preference?
    var idempotency: Key?
    /// Of the head.
    var fingerprint: UInt64 = 0

    /// The idempotency entry of the write, once its body is known.
    func idempotency(_ body: UnsafeRawBufferPointer, _ principal: Principal) -> Idempotency? {
        guard let idempotency else { return nil }
        let fingerprint = Fingerprint.whole(fingerprint, body: body)
        guard principal == .anonymous else {
            return Idempotency(scope: "\(principal.identity) \(idempotency.scope)", fingerprint: fingerprint)
        }
        return Idempotency(
            scope: idempotency.scope, fingerprint: fingerprint, formerScope: idempotency.formerScope)
    }
}
