/// A way in for clients. A transport plugin contributes one to ``Capability/transports``: it turns its wire format into calls of
/// the ``Application``, and their results back.
public protocol Transport: Sendable {
    /// What it answers, for `martlet routes`.
    var routes: [RouteListing] { get }

    /// Its description for machines: an OpenAPI document in JSON, for `martlet openapi`. Nil if it has none.
    var openAPI: [UInt8]? { get }
}

/// One line of `martlet routes`.
public struct RouteListing: Sendable, Equatable {
    public let method: String
    public let path: String
    /// What it does, in a few words.
    public let summary: String

    public init(method: String, path: String, summary: String) {
        self.method = method
        self.path = path
        self.summary = summary
    }
}
