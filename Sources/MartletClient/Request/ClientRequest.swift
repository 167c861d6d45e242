/// A request as a value, for ``MartletClient/send(_:)``.
public struct ClientRequest: Sendable {
    public var method: HTTPMethod
    /// Path and query, percent-encoded, from the client's URL on: `/users?limit=20`.
    public var path: String
    /// They replace those of the client's configuration with the same names.
    public var headers: HeaderFields
    public var body: [UInt8]?
    /// How long the whole request may take, waiting for a connection included; nil: as the client's configuration says.
    public var deadline: Duration?
    /// The most bytes that the answer's body may have; nil: as the client's configuration says.
    public var maxResponseSize: Int?

    public init(
        _ method: HTTPMethod, _ path: String, headers: HeaderFields = [:], body: [UInt8]? = nil,
        deadline: Duration? = nil, maxResponseSize: Int? = nil
    ) {
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
        self.deadline = deadline
        self.maxResponseSize = maxResponseSize
    }
}
