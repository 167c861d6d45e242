/// Writes that take the record as it is, whichever version that may be: the last one wins.
extension ResourceClient {
    /// Creates a record.
    /// - Parameters:
    ///   - idempotencyKey: a name for this write, 1 to 255 characters of printable ASCII.
    ///   - body: sets the fields of the new record.
    /// - Returns: the record as the server made it, with its key.
    @discardableResult
    public nonisolated(nonsending) func create(
        idempotencyKey: String? = nil, _ body: (inout Draft<M>) -> Void
    ) async throws(MartletError) -> M {
        try await post(Draft(body), idempotencyKey).record(of: M.self, to: .post)
    }

    /// Creates a record, and says which version it has.
    @discardableResult
    public nonisolated(nonsending) func createStored(
        idempotencyKey: String? = nil, _ body: (inout Draft<M>) -> Void
    ) async throws(MartletError) -> Stored<M> {
        try await post(Draft(body), idempotencyKey).stored(of: M.self, to: .post)
    }

    /// Changes the fields that `body` sets, and no others.
    /// - Returns: the whole record as it is then.
    @discardableResult
    public nonisolated(nonsending) func update(
        _ key: some KeyValue, idempotencyKey: String? = nil, _ body: (inout Draft<M>) -> Void
    ) async throws(MartletError) -> M {
        let terms = WriteTerms(idempotencyKey: idempotencyKey)
        return try await patch(path(to: key), Draft(body), terms).record(of: M.self, to: .patch)
    }

    /// Puts `record` in place of the one with its key; where clients assign keys, it is created if there is none.
    ///
    /// A field that is only written, such as a password, stays as it is when it is nil or empty, as in a record that
    /// came from the server.
    /// - Returns: the record as the server has it then.
    @discardableResult
    public nonisolated(nonsending) func replace(
        _ record: M, idempotencyKey: String? = nil
    ) async throws(MartletError) -> M {
        try await put(record, WriteTerms(idempotencyKey: idempotencyKey)).record(of: M.self, to: .put)
    }

    /// Deletes the record with a key.
    /// - Parameter etag: the version that it has to be in; nil: any.
    public nonisolated(nonsending) func delete(
        _ key: some KeyValue, ifMatch etag: EntityTag? = nil, idempotencyKey: String? = nil
    ) async throws(MartletError) {
        let terms = WriteTerms(ifMatch: etag, idempotencyKey: idempotencyKey)
        _ = try await client.write(.delete, path(to: key), nil, terms, expecting: [204])
    }
}

extension ResourceClient {
    nonisolated(nonsending) func post(
        _ draft: Draft<M>, _ idempotencyKey: String?
    ) async throws(MartletError) -> ClientResponse {
        try await client.write(
            .post, path, draft.json(), WriteTerms(idempotencyKey: idempotencyKey), expecting: [201])
    }

    nonisolated(nonsending) func patch(
        _ path: String, _ draft: Draft<M>, _ terms: WriteTerms
    ) async throws(MartletError) -> ClientResponse {
        try await client.write(.patch, path, draft.json(), terms, expecting: [200])
    }

    nonisolated(nonsending) func put(_ record: M, _ terms: WriteTerms) async throws(MartletError) -> ClientResponse {
        let json = try Draft(replacing: record).json()
        return try await client.write(.put, path(of: record), json, terms, expecting: [200, 201])
    }
}
