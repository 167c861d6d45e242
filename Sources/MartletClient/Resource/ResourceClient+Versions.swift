/// Writes that mean one version of a record. When it has another by then, they throw a problem with the code
/// `precondition_failed` and change nothing, so that no one's change is lost.
extension ResourceClient {
    /// Changes the fields that `body` sets, and no others, if the record is still in the version that `etag` says.
    /// - Returns: the whole record as it is then, in its new version.
    @discardableResult
    public nonisolated(nonsending) func update(
        _ key: some KeyValue, ifMatch etag: EntityTag, idempotencyKey: String? = nil,
        _ body: (inout Draft<M>) -> Void
    ) async throws(MartletError) -> Stored<M> {
        let terms = WriteTerms(ifMatch: etag, idempotencyKey: idempotencyKey)
        return try await patch(path(to: key), Draft(body), terms).stored(of: M.self, to: .patch)
    }

    /// Changes the fields that `body` sets, and no others, if the record is still in that version. What was changed in
    /// `stored` itself is not sent: ``replace(_:idempotencyKey:)`` does that.
    @discardableResult
    public nonisolated(nonsending) func update(
        _ stored: Stored<M>, idempotencyKey: String? = nil, _ body: (inout Draft<M>) -> Void
    ) async throws(MartletError) -> Stored<M> {
        let terms = WriteTerms(ifMatch: stored.etag, idempotencyKey: idempotencyKey)
        return try await patch(path(of: stored.record), Draft(body), terms).stored(of: M.self, to: .patch)
    }

    /// Puts `record` in place of the one with its key, if that is still in the version that `etag` says.
    @discardableResult
    public nonisolated(nonsending) func replace(
        _ record: M, ifMatch etag: EntityTag, idempotencyKey: String? = nil
    ) async throws(MartletError) -> Stored<M> {
        try await put(record, WriteTerms(ifMatch: etag, idempotencyKey: idempotencyKey)).stored(of: M.self, to: .put)
    }

    /// Puts the record, with what was changed in it, in place of the version that it was.
    @discardableResult
    public nonisolated(nonsending) func replace(
        _ stored: Stored<M>, idempotencyKey: String? = nil
    ) async throws(MartletError) -> Stored<M> {
        try await replace(stored.record, ifMatch: stored.etag, idempotencyKey: idempotencyKey)
    }

    /// Deletes the record if it is still in that version.
    public nonisolated(nonsending) func delete(
        _ stored: Stored<M>, idempotencyKey: String? = nil
    ) async throws(MartletError) {
        let terms = WriteTerms(ifMatch: stored.etag, idempotencyKey: idempotencyKey)
        _ = try await client.write(.delete, path(of: stored.record), nil, terms, expecting: [204])
    }
}
