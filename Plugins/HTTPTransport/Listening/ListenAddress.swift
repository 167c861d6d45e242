import NIOCore

/// Where the server listens.
enum ListenAddress: Sendable {
    case tcp(host: String, port: Int)
    case unix(path: String)
}

extension ListenAddress: CustomStringConvertible {
    var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}

extension SocketAddress {
    /// As clients write it; nil for what is no address of a server.
    var url: String? {
        switch self {
        case .v4: return "http://\(ipAddress ?? "?"):\(port ?? 0)"
        case .v6: return "http://[\(ipAddress ?? "?")]:\(port ?? 0)"
        case .unixDomainSocket: return pathname.map { "unix:\($0)" }
        }
    }

    /// Only this machine can reach it.
    var isLocal: Bool {
        switch self {
        case .v4: ipAddress?.hasPrefix("127.") == true
        case .v6: ipAddress == "::1"
        case .unixDomainSocket: true
        }
    }
}
