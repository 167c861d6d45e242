/// Many records in one request: all of them are created, or none is.
extension ResourceClient {
    /// Creates a record for each draft.
    ///
    /// A server takes 1,000 records at once, and as many bytes as it is configured to take, 1 MiB unless it says
    /// otherwise.
    /// - Returns: the records as the server made them, in the drafts' order. For no drafts none, without a request.
    /// - Throws: ``MartletError``; the errors of a problem point at a record's field by the draft's number:
    ///   `#/3/email`.
    @discardableResult
    public nonisolated(nonsending) func createAll(
        _ drafts: some Sequence<Draft<M>>, idempotencyKey: String? = nil
    ) async throws(MartletError) -> [M] {
        var json: [UInt8] = []
        var count = 0
        for draft in drafts {
            json += count == 0 ? "[".utf8 : ",".utf8
            json += try draft.json()
            count += 1
        }
        guard count > 0 else { return [] }
        json += "]".utf8
        let terms = WriteTerms(idempotencyKey: idempotencyKey)
        let records = try await client.write(.post, path, json, terms, expecting: [201]).records(of: M.self, to: .post)
        guard records.count == count else {
            throw .invalidResponse("\(records.count) records instead of \(count)", mayHaveTakenEffect: true)
        }
        return records
    }

    /// Creates a record for each element of a sequence.
    ///
    /// ```swift
    /// let users = try await users.createAll(["ada", "bob"]) { $0.name = $1; $0.email = "\($1)@example.org" }
    /// ```
    /// - Parameter body: sets the fields of one record.
    @discardableResult
    public nonisolated(nonsending) func createAll<Element>(
        _ elements: some Sequence<Element>, idempotencyKey: String? = nil,
        _ body: (inout Draft<M>, Element) -> Void
    ) async throws(MartletError) -> [M] {
        let drafts = elements.map { element in Draft<M> { body(&$0, element) } }
        return try await createAll(drafts, idempotencyKey: idempotencyKey)
    }
}
