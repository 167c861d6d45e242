extension MartletClient {
    /// Does several writes together, on any resources: all of them, or none.
    ///
    /// - Parameters:
    ///   - idempotencyKey: a name for the whole batch, 1 to 255 characters of printable ASCII.
    ///   - body: adds the operations, and returns those whose records are wanted: see ``Batch``.
    /// - Returns: what has become of the items that `body` returned, each a ``Stored`` record. Without any operation
    ///   nothing is sent.
    /// - Throws: ``MartletError``. A problem says which operation was refused, and none of them was done.
    @discardableResult
    public nonisolated(nonsending) func batch<each Item: BatchResult>(
        idempotencyKey: String? = nil, _ body: (inout Batch) -> (repeat each Item)
    ) async throws(MartletError) -> (repeat (each Item).Value) {
        var batch = Batch(basePath: base.path)
        let items = body(&batch)
        if let mistake = batch.mistake { throw mistake }
        let results: BatchResults
        if batch.count == 0 {
            results = BatchResults()
        } else {
            let terms = WriteTerms(idempotencyKey: idempotencyKey)
            let response = try await write(.post, "/batch", batch.json, terms, expecting: [200])
            results = try BatchResults(response, count: batch.count)
        }
        return (repeat try (each items).value(in: results))
    }
}
