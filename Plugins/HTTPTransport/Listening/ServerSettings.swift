/// What the listening part of a server needs to know.
struct ServerSettings: Sendable {
    var address: ListenAddress
    /// Event loops; 0 makes one per core.
    var threads = 0
    var backlog = 1024
    var maxConnections = 10_000
}
