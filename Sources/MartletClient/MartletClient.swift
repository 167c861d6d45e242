public import MartletModel

/// A client of one Martlet server.
///
/// ```swift
/// let client = try MartletClient("http://127.0.0.1:8000")
/// let users = client.resource(User.self)
/// let ada = try await users.create { $0.name = "Ada"; $0.email = "ada@example.org" }
/// ```
///
/// Its connections are kept open and shared by all requests, from any number of tasks. A copy shares them too; they are
/// closed when the last copy is gone, or by ``close()``.
///
/// Redirects are not followed. A proxy that the environment names is used (`http_proxy`, `https_proxy`, `all_proxy`,
/// `no_proxy`), but never for a server on this machine.
public struct MartletClient: Sendable {
    let base: BaseAddress
    let configuration: ClientConfiguration
    private let engine: CurlEngine

    /// - Parameter url: `http://` or `https://`, a host, perhaps a port and the path that everything lies under.
    /// - Throws: ``MartletError/invalidRequest(_:)`` for a URL or an option that can't be used, and
    ///   ``MartletError/connection(_:)`` when the system has no thread or memory left. The server is not asked yet.
    public init(_ url: String, _ configuration: ClientConfiguration = ClientConfiguration()) throws(MartletError) {
        if let mistake = configuration.headers.mistake { throw .invalidRequest(mistake) }
        guard configuration.maxConnections > 0, configuration.maxResponseSize >= 0 else {
            throw .invalidRequest("maxConnections is at least 1, maxResponseSize at least 0")
        }
        if let mistake = configuration.retry.mistake { throw .invalidRequest(mistake) }
        base = try BaseAddress(url)
        self.configuration = configuration
        engine = try CurlEngine(
            EngineSettings(
                maxConnections: configuration.maxConnections, unixSocket: configuration.unixSocket,
                bypassesProxy: configuration.unixSocket != nil || base.isLoopback))
    }

    /// The records of one resource.
    public func resource<M: Model>(_ model: M.Type) -> ResourceClient<M> {
        ResourceClient(client: self)
    }

    /// Sends any request and gives back any whole answer, whatever its status: for what ``ResourceClient`` doesn't
    /// cover. It is sent once, whatever ``ClientConfiguration/retry`` says.
    public func send(_ request: ClientRequest) async throws(MartletError) -> ClientResponse {
        try await perform(
            request, at: base.url(of: request.path), by: .now + (request.deadline ?? configuration.deadline))
    }

    /// Closes the connections. Requests that are under way, and later ones, fail with
    /// ``MartletError/closed(mayHaveTakenEffect:)``.
    public func close() {
        engine.close()
    }

    /// Sends a request once, to a whole URL of the server instead of to its own path.
    func perform(
        _ request: ClientRequest, at url: String, by deadline: ContinuousClock.Instant
    ) async throws(MartletError) -> ClientResponse {
        if let mistake = request.headers.mistake { throw .invalidRequest(mistake) }
        let order = EngineRequest(
            method: request.method, url: url, headers: request.headers.merging(defaults: configuration.headers),
            body: request.body, deadline: deadline,
            maxResponseSize: request.maxResponseSize ?? configuration.maxResponseSize)
        return try await engine.perform(order)
    }
}
