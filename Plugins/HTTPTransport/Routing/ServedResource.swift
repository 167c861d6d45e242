import MartletModel

/// A resource with its paths. A class, because a request passes it on several times: that costs one reference count.
final class ServedResource: Sendable {
    let schema: ResourceSchema
    /// The path of its list: `/users`.
    let path: String
    /// The path of one record, as logs and descriptions have it: `/users/{id}`.
    let recordPattern: String
    /// The first segment below the base path.
    let segment: [UInt8]

    init(_ schema: ResourceSchema, basePath: String) {
        self.schema = schema
        path = "\(basePath)/\(schema.name)"
        recordPattern = "\(basePath)/\(schema.name)/{\(schema.key.name)}"
        segment = Array(schema.name.utf8)
    }

    func path(of key: Key) -> String { "\(path)/\(key.pathSegment)" }
}
