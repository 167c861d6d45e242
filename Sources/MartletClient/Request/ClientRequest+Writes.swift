/// What holds for a write beside what it writes.
struct WriteTerms: Sendable {
    /// The version of the record that is meant; nil: whichever there is.
    var ifMatch: EntityTag?
    /// The caller's name for the write.
    var idempotencyKey: String?
}

extension ClientRequest {
    /// A request for records.
    static func read(_ path: String, ifNoneMatch: EntityTag? = nil) -> ClientRequest {
        var request = ClientRequest(.get, path, headers: ["Accept": "application/json"])
        if let ifNoneMatch { request.headers.set("If-None-Match", ifNoneMatch.rawValue) }
        return request
    }

    /// A request that changes something.
    /// - Parameter key: makes it one that can be repeated.
    static func write(
        _ method: HTTPMethod, _ path: String, _ body: [UInt8]?, ifMatch: EntityTag?, _ key: IdempotencyKey?
    ) -> ClientRequest {
        var request = ClientRequest(method, path, headers: ["Accept": "application/json"], body: body)
        if body != nil {
            let isPatch = method == .patch
            request.headers.set("Content-Type", isPatch ? "application/merge-patch+json" : "application/json")
        }
        if let ifMatch { request.headers.set("If-Match", ifMatch.rawValue) }
        if let key { request.headers.set(MartletClient.idempotencyField, key.fieldValue) }
        return request
    }
}

extension MartletClient {
    /// Sends a write, with a key of its own if it has none and the policy wants it to be repeatable.
    nonisolated(nonsending) func write(
        _ method: HTTPMethod, _ path: String, _ body: [UInt8]?, _ terms: WriteTerms, expecting statuses: Set<Int>
    ) async throws(MartletError) -> ClientResponse {
        let request = ClientRequest.write(
            method, path, body, ifMatch: terms.ifMatch, try idempotencyKey(terms.idempotencyKey))
        return try await answer(to: request, expecting: statuses)
    }

    /// The caller's key, or else a random one if the policy wants writes to be repeatable.
    func idempotencyKey(_ text: String?) throws(MartletError) -> IdempotencyKey? {
        guard let text else { return configuration.retry.makesKeys ? .random() : nil }
        return try IdempotencyKey(text)
    }
}
