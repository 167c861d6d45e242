/// What holds for all requests of an engine.
struct EngineSettings: Sendable {
    /// The most transfers at once.
    let maxConnections: Int
    let unixSocket: String?
    /// The environment's proxy is not for this server.
    let bypassesProxy: Bool
}
