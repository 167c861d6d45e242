import MartletModel

/// Where an operation of a batch goes: a path as a request of its own would have it, or one that ends in
/// `{"$ref":"0/id"}` for the key of a record which an earlier operation has written.
struct BatchTarget {
    let resource: ServedResource
    /// What the path says of the key's origin.
    let reference: String?
    /// Nil for the whole resource, or when the key comes from a reference.
    private let key: Key?

    init(_ path: String, _ router: Router) throws(Problem) {
        guard let brace = path.firstIndex(of: "{") else {
            (resource, key) = try Self.target(path, router)
            reference = nil
            return
        }
        guard let value = try? JSONValue(json: String(path[brace...])), let text = value["$ref"]?.string,
            value.members?.count == 1, path[..<brace].hasSuffix("/")
        else {
            throw .at("#/path", .operation, "must be a path, or end in {\"$ref\":\"0/id\"} for a key")
        }
        (resource, key) = try Self.target(String(path[..<brace].dropLast()), router)
        guard key == nil else { throw Self.noResource }
        reference = text
    }

    /// What an operation can be.
    enum Method: String {
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"

        init(_ name: String) throws(Problem) {
            guard let method = Method(rawValue: name) else {
                throw .at("#/method", .operation, "must be POST, PUT, PATCH or DELETE")
            }
            self = method
        }
    }

    private static let noResource = Problem.at("#/path", .operation, "leads to no resource")

    private static func target(_ path: String, _ router: Router) throws(Problem) -> (ServedResource, Key?) {
        var path = path
        // What no request's target has in its path means nothing here either: `/pages/a?b` has another key there.
        guard path.utf8.allSatisfy({ 0x21...0x7E ~= $0 && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }) else {
            throw .at("#/path", .operation, "must be percent-encoded, without a query")
        }
        let site = path.withUTF8 { utf8 in
            Result { () throws(Rejection) in try router.site(for: UnsafeRawBufferPointer(utf8)) }
        }
        switch site {
        case .success(.list(let resource)): return (resource, nil)
        case .success(.record(let resource, let text)):
            guard let key = Key(text, for: resource.schema) else {
                throw .at("#/path", .operation, "has no valid key of \(resource.schema.name)")
            }
            return (resource, key)
        default: throw noResource
        }
    }

    /// POST at a resource, the others at a record.
    func change(_ method: Method) throws(Problem) -> Plan.Change {
        // Where the key comes from a reference, what stands in its place is never looked at.
        let key = key ?? (reference == nil ? nil : Self.placeholder(resource.schema))
        switch (method, key) {
        case (.post, nil): return .create
        case (.put, _?) where reference != nil && resource.schema.key.key == .assigned:
            // It may make the record, and what is made is checked before any operation is done: the key as well.
            throw .at("#/path", .operation, "must have the key itself, as clients assign the keys here")
        case (.put, let key?): return .replace(key)
        case (.patch, let key?): return .patch(key)
        case (.delete, let key?): return .delete(key)
        case (.post, _?), (_, nil): throw .at("#/method", .operation, "is not for this path")
        }
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
