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
    /// What logs call its list.
    private let listOrigin: String
    private let headOrigin: String

    init(_ schema: ResourceSchema, basePath: String) {
        self.schema = schema
        path = "\(basePath)/\(schema.name)"
        recordPattern = "\(basePath)/\(schema.name)/{\(schema.key.name)}"
        segment = Array(schema.name.utf8)
        listOrigin = "GET \(path)"
        headOrigin = "HEAD \(path)"
    }

    func path(of key: Key) -> String { "\(path)/\(key.pathSegment)" }

    func origin(ofList method: HTTPMethod) -> String { method == .head ? headOrigin : listOrigin }

    /// The column of a field that clients can read.
    func column(named name: some Collection<UInt8>) -> Int? {
        guard let column = schema.indexByName[String(decoding: name, as: UTF8.self)] else { return nil }
        let field = schema.fields[column]
        // To Swift, texts of other bytes can be equal.
        return !field.isWriteOnly && field.name.utf8.elementsEqual(name) ? column : nil
    }
}
