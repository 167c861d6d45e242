/// A request beyond those that every resource has, declared once for server and client:
///
/// ```swift
/// public static let reserve = Endpoint<Reservation, Receipt>(.post, "/books/{id}/reservations", "Reserves a book")
/// ```
///
/// Each field of the input comes from one part of the request. Those that the path names come from the path, those in
/// `headerFields` from header fields; the others from the query of GET and DELETE, and from the body, a JSON object, of the
/// other methods.
public struct Endpoint<Input: Model, Output: Model>: Sendable {
    public let description: EndpointDescription

    /// - Parameters:
    ///   - summary: what it does, in a few words.
    ///   - headerFields: the names of header fields, by the names of the input's fields that they hold.
    /// - Precondition: each parameter of the path and each key of `headerFields` is a field of the input. Values in path,
    ///   query and header fields are no `json`. No header field is one that HTTP or every endpoint has a use for.
    public init(
        _ method: EndpointDescription.Method, _ path: PathPattern, _ summary: String,
        headerFields: [String: String] = [:]
    ) {
        do throws(SchemaError) {
            description = try EndpointDescription(
                method, path, summary, input: Input.schema.resource, output: Output.schema.resource,
                headerFields: headerFields)
        } catch {
            error.endProcess(in: "endpoint \(method.rawValue) \(path)")
        }
    }
}

/// An ``Endpoint`` without its Swift types.
public struct EndpointDescription: Sendable {
    public enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
    }

    /// The part of a request that holds a field of the input.
    public enum Source: Sendable, Equatable {
        case path, query, body
        /// The header field of this name.
        case header(String)
    }

    /// The names of the header fields that hold fields of the input.
    public var headerFields: [String] {
        sources.compactMap { if case .header(let name) = $0 { name } else { nil } }
    }

    public let method: Method
    public let path: PathPattern
    /// What it does, in a few words.
    public let summary: String
    public let input: ResourceSchema
    public let output: ResourceSchema
    /// For each field of the input, in its order.
    public let sources: [Source]

    /// - Throws: ``SchemaError`` that names the field.
    public init(
        _ method: Method, _ path: PathPattern, _ summary: String, input: ResourceSchema, output: ResourceSchema,
        headerFields: [String: String] = [:]
    ) throws(SchemaError) {
        for name in path.parameters + headerFields.keys.sorted() where input.indexByName[name] == nil {
            throw SchemaError("\(name) is no field of \(input.name)")
        }
        for field in input.messageFields where field.isReadOnly {
            throw SchemaError("\(field.name) is read-only, so no request can have it")
        }
        try Self.check(headerFields, path)
        let others: Source = method == .get || method == .delete ? .query : .body
        sources = input.messageFields.map { field in
            if path.parameters.contains(field.name) { return .path }
            return headerFields[field.name].map { .header($0) } ?? others
        }
        for (field, source) in zip(input.messageFields, sources) where source != .body && field.type == .json {
            throw SchemaError("\(field.name) is json, which only a body can hold")
        }
        for (field, source) in zip(input.messageFields, sources) where source == .path && field.isNullable {
            throw SchemaError("\(field.name) is in the path, so it can't be optional")
        }
        (self.method, self.path, self.summary) = (method, path, summary)
        (self.input, self.output) = (input, output)
    }

    public var takesBody: Bool { sources.contains(.body) }

    private static func check(_ headerFields: [String: String], _ path: PathPattern) throws(SchemaError) {
        var names: Set<String> = []
        for (field, name) in headerFields.sorted(by: { $0.key < $1.key }) {
            guard !path.parameters.contains(field) else { throw SchemaError("\(field) is in the path already") }
            guard !name.isEmpty, name.utf8.allSatisfy(isHeaderCharacter) else {
                throw SchemaError(
                    "\(field): \"\(name)\" is no header field's name: it has letters, digits, - and _ alone")
            }
            guard !reservedHeaderFields.contains(name.lowercased()) else {
                throw SchemaError("\(field): the header field \(name) has a meaning of its own")
            }
            guard names.insert(name.lowercased()).inserted else {
                throw SchemaError("\(field): the header field \(name) holds another field already")
            }
        }
    }

    private static func isHeaderCharacter(_ byte: UInt8) -> Bool {
        isLowerCase(byte) || isUpperCase(byte) || isDigit(byte) || "-_".utf8.contains(byte)
    }

    /// They say how a message is sent (RFC 9110, RFC 9112), or what every endpoint does with it. OpenAPI takes no parameters of
    /// the names Accept, Authorization and Content-Type.
    private static let reservedHeaderFields: Set<String> = [
        "accept", "authorization", "connection", "content-encoding", "content-length", "content-type", "expect", "host",
        "idempotency-key", "if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since",
        "origin",
        "prefer", "range", "transfer-encoding", "x-request-id",
    ]
}

/// The output of an endpoint that answers without content: 204.
public struct NoContent: Model {
    public static let schema = Schema(message: "no-content", build: { NoContent() })

    public init() {}
}
