public import MartletModel

/// The records of one resource on a server.
///
/// Every call throws ``MartletError``: ``MartletError/problem(_:)`` when the server refuses, with its code and the
/// fields concerned.
///
/// A write that gets no answer, or one that says to come back, is repeated as ``ClientConfiguration/retry`` says. It
/// has an idempotency key for that, so it is never done twice. Give it one of your own, such as an order's number, and
/// it isn't done twice either when your program repeats it, within a day.
///
/// Whoever calls with a key gets records. Whoever calls with a version, by ``fetch(_:)`` and a ``Stored`` record or its
/// tag, gets versions back, and is refused with `precondition_failed` when the record has changed meanwhile.
public struct ResourceClient<M: Model>: Sendable {
    let client: MartletClient

    init(client: MartletClient) {
        self.client = client
    }

    /// The record with a key.
    public func get(_ key: some KeyValue) async throws(MartletError) -> M {
        try await client.answer(to: .read(path(to: key)), expecting: [200]).record(of: M.self, to: .get)
    }

    /// The record with a key, and its version.
    public func fetch(_ key: some KeyValue) async throws(MartletError) -> Stored<M> {
        try await client.answer(to: .read(path(to: key)), expecting: [200]).stored(of: M.self, to: .get)
    }

    /// The record with a key, unless it still is in the version that `etag` says.
    /// - Returns: nil when it is; nothing of it was sent then.
    public func fetch(_ key: some KeyValue, unlessMatching etag: EntityTag) async throws(MartletError) -> Stored<M>? {
        let request = ClientRequest.read(try path(to: key), ifNoneMatch: etag)
        let response = try await client.answer(to: request, expecting: [200, 304])
        return response.status == 304 ? nil : try response.stored(of: M.self, to: .get)
    }
}

extension ResourceClient {
    var path: String { "/" + M.schema.resource.name }

    func path(to key: some KeyValue) throws(MartletError) -> String {
        try M.schema.resource.path(to: key.recordKey)
    }

    /// The path of the record that has a record's key.
    func path(of record: M) throws(MartletError) -> String {
        try M.schema.resource.path(to: M.key(of: record))
    }
}
