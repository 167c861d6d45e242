import MartletModel

/// Where an operation of a batch goes.
enum BatchTarget: Sendable {
    /// The resource, for a new record.
    case resource
    case key(Key)
    /// The record whose key an earlier operation gives.
    case place(ResultPlace)

    /// The path below the server's URL.
    /// - Throws: ``MartletError/invalidRequest(_:)`` for a key that no record has, and a place in another batch.
    func path(of schema: ResourceSchema, in batch: Batch.ID) throws(MartletError) -> String {
        switch self {
        case .resource: return "/\(schema.name)"
        case .key(let key): return try schema.path(to: key)
        case .place(let place):
            guard place.batch == batch else { throw .invalidRequest("a key refers to an operation of another batch") }
            return "/\(schema.name)/\(place.json)"
        }
    }
}
