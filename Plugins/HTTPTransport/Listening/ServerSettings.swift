/// What the listening part of a server needs to know.
struct ServerSettings: Sendable {
    var address: ListenAddress
    /// Of a Unix socket's file; nil is by the process's umask.
    var socketMode: UInt32?
    /// Event loops; 0 makes one per core.
    var threads = 0
    var backlog = 1024
    var maxConnections = 10_000
    /// Connections beyond ``maxConnections``, which are answered about the server's health and nothing else.
    static let healthConnections = 8
}
