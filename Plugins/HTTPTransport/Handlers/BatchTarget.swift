import MartletModel

/// Where an operation of a batch goes: a path as a request of its own would have it, or one that ends in
/// `{"$ref":"0/id"}` for the key of a record which an earlier operation has written.
struct BatchTarget {
    /// What the path says of the key's origin.
    let reference: String?
    private let path: ServedPath
    private let resource: ServedResource
    /// Nil for the whole resource, or when the key comes from a reference.
    private let key: Key?

    init(_ path: String, _ routes: RouteTable) throws(Problem) {
        guard let brace = path.firstIndex(of: "{") else {
            (self.path, resource, key) = try Self.target(path, routes)
            reference = nil
            return
        }
        guard let value = try? JSONValue(json: String(path[brace...])), let text = value["$ref"]?.string,
            value.members?.count == 1, path[..<brace].hasSuffix("/")
        else {
            throw .at("#/path", .operation, "must be a path, or end in {\"$ref\":\"0/id\"} for a key")
        }
        let list = String(path[..<brace].dropLast())
        (_, resource, key) = try Self.target(list, routes)
        guard key == nil else { throw Self.noResource }
        // Any key leads to the path of a record.
        (self.path, _, _) = try Self.target("\(list)/\(Self.placeholder(resource.schema).pathSegment)", routes)
        reference = text
    }

    static func method(_ name: String) throws(Problem) -> HTTPMethod {
        guard let method = [HTTPMethod.post, .put, .patch, .delete].first(where: { $0.name == name }) else {
            throw .at("#/method", .operation, "must be POST, PUT, PATCH or DELETE")
        }
        return method
    }

    private static let noResource = Problem.at("#/path", .operation, "leads to no resource")

    private static func target(
        _ path: String, _ routes: RouteTable
    ) throws(Problem) -> (ServedPath, ServedResource, Key?) {
        var path = path
        // What no request's target has in its path means nothing here either: `/pages/a?b` has another key there.
        guard path.utf8.allSatisfy({ 0x21...0x7E ~= $0 && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }) else {
            throw .at("#/path", .operation, "must be percent-encoded, without a query")
        }
        guard path.utf8.first == UInt8(ascii: "/") else { throw noResource }
        let found = path.withUTF8 { utf8 in
            let found = try? routes.find(UnsafeRawBufferPointer(utf8))
            return found.map { ($0.path, $0.values.count == 0 ? nil : $0.values[0]) }
        }
        guard let (served, text) = found, let resource = served.writes.first?.resource else { throw noResource }
        guard let text else { return (served, resource, nil) }
        guard let key = Key(text, for: resource.schema) else {
            throw .at("#/path", .operation, "has no valid key of \(resource.schema.name)")
        }
        return (served, resource, key)
    }

    /// POST at a resource, the others at a record.
    func write(_ method: HTTPMethod) throws(Problem) -> RecordWrite {
        guard path.writes.contains(where: { $0.method == method }) else {
            throw .at("#/method", .operation, "is not for this path")
        }
        // Where the key comes from a reference, what stands in its place is never looked at.
        let key = key ?? (reference == nil ? nil : Self.placeholder(resource.schema))
        guard let change = RecordWrite.Change(method, key) else {
            throw .at("#/method", .operation, "is not for this path")
        }
        // It may make the record, and what is made is checked before any operation is done: the key as well.
        if case .replace = change, reference != nil, resource.schema.key.key == .assigned {
            throw .at("#/path", .operation, "must have the key itself, as clients assign the keys here")
        }
        return RecordWrite(resource: resource, change: change)
    }

    /// A body's error without a word of the key that stands in a reference's place.
    func adapted(_ error: FieldError) -> FieldError {
        guard reference != nil, error.code == .keyMismatch else { return error }
        return FieldError(at: error.location, error.code, "must be left to the path")
    }

    private static func placeholder(_ schema: ResourceSchema) -> Key {
        switch schema.key.type {
        case .integer: .integer(0)
        case .uuid: Key("00000000-0000-0000-0000-000000000000", for: schema) ?? .integer(0)
        default: .string("x")
        }
    }
}
