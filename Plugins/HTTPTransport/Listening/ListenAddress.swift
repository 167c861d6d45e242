import MartletKernel
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

// MARK: - Configuration

extension ListenAddress {
    /// Refuses what can't be a host. Whether a name or an address is this machine's only the start can tell.
    static func check(host: String) throws(SettingError) {
        guard !host.isEmpty else {
            throw SettingError("is empty: write 127.0.0.1 for this machine alone, 0.0.0.0 or :: for every address")
        }
        guard host != "*" else { throw SettingError("can't be *: every address is 0.0.0.0 or ::") }
        guard !host.contains("/") else {
            throw SettingError("must be a host alone, not a URL, such as localhost; the port is transport.http.port")
        }
        guard !host.hasPrefix("[") else {
            throw SettingError("must be an IPv6 address without brackets, such as ::1; the port is transport.http.port")
        }
        let parts = host.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count != 2 else {
            throw SettingError("must be a host without a port: the port is transport.http.port")
        }
        guard parts.count == 1 else {
            guard isIPv6(host) else { throw SettingError("is no IPv6 address") }
            return
        }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard !labels.allSatisfy({ $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } }) else {
            guard isAddress(host) else { throw SettingError("is no IPv4 address: that is four numbers from 0 to 255") }
            return
        }
        // RFC 1123, section 2.1, and the underscore that some networks use.
        let isName =
            host.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { $0.isLetterOrDigit || "-_".utf8.contains($0) }
            }
        guard isName else { throw SettingError("is neither an IP address nor a host's name") }
    }

    static func check(unixSocket path: String) throws(SettingError) {
        // Not set.
        guard !path.isEmpty else { return }
        try ConfiguredPath.check(path)
        // sun_path has 108 bytes, one of them for the final NUL (unix(7)).
        guard absolutePath(path).utf8.count <= 107 else {
            throw SettingError("must be at most 107 bytes long, with the folder that it is in: \(absolutePath(path))")
        }
    }

    /// Refuses a path at which no socket can be made on this machine.
    static func checkFiles(unixSocket path: String) throws(SettingError) {
        guard !path.isEmpty else { return }
        let folder = ConfiguredPath.folder(of: path)
        guard ConfiguredPath.kind(of: folder) == .folder else {
            throw SettingError("is in a folder that isn't there: make \(absolutePath(folder)), or write another path")
        }
        switch ConfiguredPath.kind(of: path) {
        // A link too is never removed.
        case _ where ConfiguredPath.isLink(path), .file, .other:
            throw SettingError("is the path of a file that is there and is no socket: write another path")
        case .missing, .socket: try ConfiguredPath.checkCanBeMade(path)
        case .folder: throw SettingError("is a folder: write the path of a socket in it, such as \(path)/martlet.sock")
        }
    }

    private static func isAddress(_ text: String) -> Bool {
        (try? SocketAddress(ipAddress: text, port: 0)) != nil
    }

    /// With or without a zone, such as `fe80::1%eth0`.
    private static func isIPv6(_ text: String) -> Bool {
        let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        return isAddress(String(parts[0])) && parts.dropFirst().first?.isEmpty != true
    }
}
