/// How a ``MartletClient`` talks to its server.
public struct ClientConfiguration: Sendable {
    /// How long a whole request may take, waiting for a connection and all attempts included. A request may say
    /// otherwise.
    public var deadline: Duration = .seconds(30)
    /// Sent with every request.
    public var headers: HeaderFields = [:]
    /// The most bytes that an answer's body may have. A request may say otherwise.
    public var maxResponseSize = 16 << 20
    /// The most requests under way at once, each on a connection of its own; further ones wait for their turn.
    public var maxConnections = 16
    /// The path of the Unix socket that the server listens on. The URL's host is then just a name.
    public var unixSocket: String?
    /// When a request is repeated. As it stands, also every write of a ``ResourceClient`` and every batch is: they are
    /// given idempotency keys, so that none is done twice. ``RetryPolicy/none`` turns it off.
    public var retry = RetryPolicy()

    public init() {}
}
