import Glibc
import Logging

/// How many files the process may have open (RLIMIT_NOFILE, getrlimit(2)), and what of it connections may use.
struct DescriptorLimit: Equatable {
    /// For everything but connections: the database's files and connections, scans, the log, event loops.
    static let reserved = 256

    let connections: Int
    /// The soft limit that they need.
    let limit: Int

    /// - Parameters:
    ///   - soft: what is in force.
    ///   - hard: up to which the process may raise it.
    init(connections: Int, soft: Int, hard: Int) {
        let needed = connections + Self.reserved
        limit = min(max(soft, needed), max(soft, hard))
        // Of a limit that is too low, a quarter is kept at most.
        let reserved = min(Self.reserved, limit / 4)
        self.connections = min(connections, max(limit - reserved, 1))
    }

    /// Raises the process's soft limit to what connections need.
    /// - Returns: How many connections there may be.
    static func raise(forConnections connections: Int, _ logger: Logger) -> Int {
        var limits = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(resource, &limits) == 0 else { return connections }
        let soft = Int(clamping: limits.rlim_cur)
        let wanted = DescriptorLimit(connections: connections, soft: soft, hard: Int(clamping: limits.rlim_max))
        if wanted.limit > soft {
            limits.rlim_cur = rlim_t(wanted.limit)
            guard setrlimit(resource, &limits) == 0 else {
                return warn(DescriptorLimit(connections: connections, soft: soft, hard: soft), connections, logger)
            }
        }
        return warn(wanted, connections, logger)
    }

    /// Why event loops can't be made, if they can't: each has three descriptors of its own (epoll, an event, a timer).
    static func shortage(forEventLoops count: Int) -> String? {
        let few = (0..<(3 * count + fewest)).map { _ in dup(STDERR_FILENO) }
        defer { for descriptor in few where descriptor >= 0 { close(descriptor) } }
        guard few.contains(-1) else { return nil }
        return "the process has too few files that it may open: raise its hard limit (ulimit -Hn, LimitNOFILE=)"
    }

    /// For the listening socket and a few connections.
    private static let fewest = 8

    private static func warn(_ limit: DescriptorLimit, _ wanted: Int, _ logger: Logger) -> Int {
        guard limit.connections < wanted else { return wanted }
        logger.warning(
            "maxConnections is lowered: the process may not open more files; raise its hard limit (ulimit -Hn, LimitNOFILE=)",
            metadata: [
                "maxConnections": "\(limit.connections)", "configured": "\(wanted)", "limit": "\(limit.limit)",
                "needed": "\(wanted + reserved)",
            ])
        return limit.connections
    }
}
