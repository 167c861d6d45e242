import Foundation
import Glibc

/// What can happen to the connections of a server. Only processes that this server has started are ever touched.
extension PostgresServer {
    /// The process ids of connections.
    /// - Parameters:
    ///   - application: what the connections call themselves begins with this.
    ///   - condition: on the columns of `pg_stat_activity`.
    public func backends(of application: String = "", where condition: String = "true") async throws -> [Int32] {
        let pids = try await address.run(
            """
            SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
            AND starts_with(application_name, '\(application)') AND \(condition) ORDER BY pid
            """)
        return pids.split(separator: "\n").compactMap { Int32($0) }
    }

    /// Ends connections, as an administrator would: the other side is told, and loses them.
    public func terminate(_ backends: [Int32]) async throws {
        let list = backends.map(String.init).joined(separator: ", ")
        try await address.run("SELECT pg_terminate_backend(pid) FROM unnest(ARRAY[\(list)]::int[]) AS pid")
    }

    /// Lets a connection's process stand still (SIGSTOP): its socket stays open, and nothing comes from it.
    /// - Throws: ``LiveServerError`` when it is none of this server's.
    public func suspend(_ backend: Int32) throws {
        try send(SIGSTOP, to: backend)
    }

    /// Lets one that stands still go on (SIGCONT).
    /// - Throws: ``LiveServerError`` when it is none of this server's.
    public func resume(_ backend: Int32) throws {
        try send(SIGCONT, to: backend)
    }

    /// Lets all of the server's processes stand still, until ``resumeAll()``.
    public func suspendAll() throws {
        try signalAll(SIGSTOP)
    }

    /// Lets all that stand still go on.
    public func resumeAll() throws {
        try signalAll(SIGCONT)
    }

    private func signalAll(_ signal: Int32) throws {
        guard let postmaster else { throw LiveServerError("the server does not run") }
        let children = try String(contentsOfFile: "/proc/\(postmaster)/task/\(postmaster)/children", encoding: .utf8)
        // The parent first: it starts no others then.
        for process in [postmaster] + children.split(separator: " ").compactMap({ Int32($0) }) {
            Glibc.kill(process, signal)
        }
    }

    private func send(_ signal: Int32, to backend: Int32) throws {
        // The fields behind the program's name, which stands in parentheses: its state, its parent (proc(5)).
        let fields = (try? String(contentsOfFile: "/proc/\(backend)/stat", encoding: .utf8))?
            .split(separator: ")").last?.split(separator: " ")
        guard let parent = fields?.dropFirst().first.flatMap({ Int32($0) }), parent == postmaster else {
            throw LiveServerError("process \(backend) is no connection of this server")
        }
        kill(backend, signal)
    }
}
