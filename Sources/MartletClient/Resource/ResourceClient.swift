public import MartletModel

/// The records of one resource on a server.
///
/// Every call throws ``MartletError``: ``MartletError/problem(_:)`` when the server refuses, with its code and the
/// fields concerned. No call is repeated by itself; ``MartletError/mayHaveTakenEffect`` says whether that would be safe.
public struct ResourceClient<M: Model>: Sendable {
    let client: MartletClient

    init(client: MartletClient) {
        self.client = client
    }

    /// Creates a record.
    /// - Parameter body: sets the fields of the new record.
    /// - Returns: the record as the server made it, with its key.
    public nonisolated(nonsending) func create(
        _ body: (inout Draft<M>) -> Void
    ) async throws(MartletError) -> M {
        var draft = Draft<M>()
        body(&draft)
        return try await record(.post, path, draft.json, "application/json", expecting: [201])
    }

    /// The record with a key.
    public func get(_ key: Int64) async throws(MartletError) -> M {
        try await record(.get, path(to: key), nil, nil, expecting: [200])
    }

    /// Changes the fields that `body` sets, and no others.
    /// - Returns: the whole record as it is then.
    public nonisolated(nonsending) func update(
        _ key: Int64, _ body: (inout Draft<M>) -> Void
    ) async throws(MartletError) -> M {
        var draft = Draft<M>()
        body(&draft)
        return try await record(.patch, path(to: key), draft.json, "application/merge-patch+json", expecting: [200])
    }

    /// Puts `record` in place of the one with its key.
    /// - Returns: the record as the server has it then.
    public func replace(_ record: M) async throws(MartletError) -> M {
        let schema = M.schema.resource
        var rows = RowBatch(width: schema.fields.count)
        M.schema.append(record, to: &rows)
        guard let key = schema.key(ofRow: 0, in: rows) else { throw .invalidRequest("the record has no key") }
        var writer = JSONWriter()
        writer.write(row: 0, of: rows, schema)
        let json = writer.withBytes { Array($0) }
        return try await self.record(.put, path + "/\(key)", json, "application/json", expecting: [200, 201])
    }

    /// Deletes the record with a key.
    public func delete(_ key: Int64) async throws(MartletError) {
        let response = try await send(.delete, path(to: key), nil, nil)
        guard response.status == 204 else { throw response.failure(of: .delete) }
    }

    /// All records, by key, fetched page after page as they are asked for.
    /// - Parameter limit: the most records in a page; nil leaves it to the server.
    public func list(limit: Int? = nil) -> RecordSequence<M> {
        RecordSequence(pages: PageSequence(client: client, path: path + (limit.map { "?limit=\($0)" } ?? "")))
    }
}

extension ResourceClient {
    private var path: String { "/" + M.schema.resource.name }

    private func path(to key: Int64) -> String { path + "/\(key)" }

    private nonisolated(nonsending) func record(
        _ method: HTTPMethod, _ path: String, _ body: [UInt8]?, _ mediaType: String?, expecting statuses: Set<Int>
    ) async throws(MartletError) -> M {
        let response = try await send(method, path, body, mediaType)
        guard statuses.contains(response.status), response.mediaType == "application/json" else {
            throw response.failure(of: method)
        }
        let records = try response.records(of: M.self, to: method)
        guard records.count == 1 else {
            throw .invalidResponse("\(records.count) records instead of one", mayHaveTakenEffect: !method.isSafe)
        }
        return records[0]
    }

    private nonisolated(nonsending) func send(
        _ method: HTTPMethod, _ path: String, _ body: [UInt8]?, _ mediaType: String?
    ) async throws(MartletError) -> ClientResponse {
        var headers: HeaderFields = ["Accept": "application/json"]
        if let mediaType { headers.set("Content-Type", mediaType) }
        return try await client.send(ClientRequest(method, path, headers: headers, body: body))
    }
}
