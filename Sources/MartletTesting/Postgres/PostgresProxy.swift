import Foundation
import Glibc
import Synchronization

/// Stands between a client and a ``PostgresServer``, reads PostgreSQL's protocol
/// (<https://www.postgresql.org/docs/current/protocol-message-formats.html>), and does what networks and poolers do at their
/// worst. It listens on a Unix socket in a folder of its own.
public final class PostgresProxy: Sendable {
    /// A message of the client's.
    public enum Message: String, Sendable, CaseIterable {
        case startup, query, parse, bind, execute, sync
        /// The `Bind` or `Query` of a `COMMIT`.
        case commit
    }

    /// What happens to a message.
    public enum Fault: Sendable, Equatable {
        /// Neither it nor anything after it is passed on, in either direction, until the fault is taken back.
        case stall
        /// The connection is closed on both sides.
        case cut
        case delay(Duration)
        /// Half of it is passed on, and then nothing more until the connection ends.
        case truncate
        /// It is passed on, of the answer its first three bytes, and then nothing more.
        case truncateAnswer
        /// It is passed on, and its answer and those after it without their rows.
        case loseRows
    }

    private struct State {
        var fault: Fault?
        var message = Message.startup
        var hits = 0
        var isStopped = false
    }

    /// Where clients connect to.
    public let address: PostgresAddress
    private let folder: TemporaryFolder
    private let server: String
    private let listener: Int32
    private let servers: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - address: of a database of a server.
    ///   - server: that server.
    ///   - servers: connections to the server for each client's. With more than one it is a transaction pooler of the simplest
    ///     kind: statements take them in turn.
    public init(to address: PostgresAddress, of server: PostgresServer, connectionsPerClient servers: Int = 1) throws {
        folder = try TemporaryFolder(below: "/tmp")
        self.servers = servers
        self.server = server.socket
        listener = try Self.listen(at: "\(folder.path)/.s.PGSQL.5432")
        self.address = address.with("host", folder.path)
        Thread.detachNewThread { [self] in
            while case let client = accept(listener, nil, nil), client >= 0 {
                Thread.detachNewThread { [self] in serve(client) }
            }
        }
    }

    /// Ends all connections.
    public func stop() {
        state.withLock { $0.isStopped = true }
        shutdown(listener, Int32(SHUT_RDWR))
    }

    /// From now on, at each such message; nil: none any more.
    public func set(_ fault: Fault?, at message: Message = .startup) {
        state.withLock { ($0.fault, $0.message, $0.hits) = (fault, message, 0) }
    }

    /// How often the fault has happened.
    public var hits: Int { state.withLock { $0.hits } }

    private func fault(at messages: [Message]) -> Fault? {
        state.withLock { state in
            guard let fault = state.fault, messages.contains(state.message) else { return nil }
            state.hits += 1
            return fault
        }
    }

    private func isOver(_ fault: Fault) -> Bool { state.withLock { $0.isStopped || $0.fault != fault } }

    private func serve(_ client: Int32) {
        let connection = ProxiedConnection(client, (0..<servers).map { _ in Self.connect(to: server) })
        connection.run(fault: { self.fault(at: $0) }, isOver: { self.isOver($0) })
    }

    // MARK: - Sockets

    private static func listen(at path: String) throws -> Int32 {
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard onAddress(of: path, { bind(listener, $0, $1) }) == 0, Glibc.listen(listener, 64) == 0 else {
            throw LiveServerError("no socket at \(path)")
        }
        return listener
    }

    private static func connect(to path: String) -> Int32 {
        let server = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        _ = onAddress(of: path) { Glibc.connect(server, $0, $1) }
        return server
    }

    private static func onAddress(of path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}

/// A client's connection, and those to the server for it.
private final class ProxiedConnection: Sendable {
    private struct State {
        /// Nothing is passed on to the client, until it is nil again.
        var stall: PostgresProxy.Fault?
        /// How many bytes the client still gets.
        var rest: Int?
        /// Rows aren't passed on, until it is over.
        var loss: PostgresProxy.Fault?
    }

    private let client: Int32
    private let servers: [Int32]
    private let state = Mutex(State())

    init(_ client: Int32, _ servers: [Int32]) {
        (self.client, self.servers) = (client, servers)
    }

    /// Until one side closes.
    func run(
        fault: @escaping ([PostgresProxy.Message]) -> PostgresProxy.Fault?,
        isOver: @escaping @Sendable (PostgresProxy.Fault) -> Bool
    ) {
        let answering = DispatchGroup()
        answering.enter()
        Thread.detachNewThread { [self] in
            passAnswers(of: servers[0], isOver)
            answering.leave()
        }
        passMessages(fault, isOver)
        end()
        answering.wait()
        for descriptor in servers + [client] { close(descriptor) }
    }

    private func end() {
        for descriptor in servers + [client] { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    private func passMessages(
        _ fault: ([PostgresProxy.Message]) -> PostgresProxy.Fault?, _ isOver: (PostgresProxy.Fault) -> Bool
    ) {
        var (isStarted, next) = (false, 0)
        var commits: Set<[UInt8]> = []
        while let message = Self.message(from: client, hasType: isStarted) {
            let kinds = isStarted ? Self.kinds(of: message, &commits) : [.startup]
            if let fault = fault(kinds) {
                guard suffer(fault, message, isOver) else { return }
            }
            if servers.count > 1, isStarted {
                guard let isDone = exchange(message, with: servers[next % servers.count]) else { return }
                if isDone { next += 1 }
            } else {
                for server in servers where !Self.send(message[...], to: server) { return }
                if servers.count > 1 { servers.dropFirst().forEach { Self.skipAnswer(of: $0, andPassTo: nil) } }
            }
            isStarted = true
        }
    }

    /// - Returns: whether the message is passed on, and those after it.
    private func suffer(
        _ fault: PostgresProxy.Fault, _ message: [UInt8], _ isOver: (PostgresProxy.Fault) -> Bool
    ) -> Bool {
        switch fault {
        case .cut: return false
        case .delay(let time):
            usleep(UInt32(time / .microseconds(1)))
            return true
        case .loseRows:
            state.withLock { $0.loss = fault }
            return true
        case .stall:
            state.withLock { $0.stall = fault }
            while !isOver(fault) { usleep(5000) }
            return true
        case .truncate, .truncateAnswer:
            let isWhole = fault == .truncateAnswer
            if isWhole { state.withLock { $0.rest = 3 } }
            _ = Self.send(message.prefix(isWhole ? message.count : message.count / 2), to: servers[0])
            var byte: UInt8 = 0
            while !isOver(fault), recv(client, &byte, 1, Int32(MSG_DONTWAIT | MSG_PEEK)) != 0 { usleep(5000) }
            return false
        }
    }

    private func passAnswers(of server: Int32, _ isOver: (PostgresProxy.Fault) -> Bool) {
        guard servers.count == 1 else { return _ = Self.skipAnswer(of: server, andPassTo: client) }
        while let message = Self.message(from: server, hasType: true) {
            if message[0] == UInt8(ascii: "D"), let loss = state.withLock({ $0.loss }), !isOver(loss) { continue }
            let count = message.count
            while let stall = state.withLock({ $0.stall }) {
                if isOver(stall) { state.withLock { $0.stall = nil } } else { usleep(5000) }
            }
            let rest = state.withLock { state in
                let rest = min(state.rest ?? count, count)
                state.rest? -= rest
                return rest
            }
            guard rest == 0 || Self.send(message[..<rest], to: client) else { break }
        }
        end()
    }

    // MARK: - A pooler

    /// - Returns: whether the server is free for another client then; nil when the connection has ended.
    private func exchange(_ message: [UInt8], with server: Int32) -> Bool? {
        guard Self.send(message[...], to: server) else { return nil }
        guard [UInt8(ascii: "Q"), UInt8(ascii: "S")].contains(message[0]) else { return false }
        return Self.skipAnswer(of: server, andPassTo: client) ? true : nil
    }

    /// Up to `ReadyForQuery`.
    @discardableResult
    private static func skipAnswer(of server: Int32, andPassTo client: Int32?) -> Bool {
        while let message = message(from: server, hasType: true) {
            if let client, !send(message[...], to: client) { return false }
            if message[0] == UInt8(ascii: "Z") { return true }
        }
        return false
    }

    // MARK: - Messages

    private static func kinds(of message: [UInt8], _ commits: inout Set<[UInt8]>) -> [PostgresProxy.Message] {
        let parts = message.dropFirst(5).split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
        let isCommit = { (part: ArraySlice<UInt8>?) in part.map { String(decoding: $0, as: UTF8.self) } == "COMMIT" }
        switch message[0] {
        case UInt8(ascii: "Q"): return isCommit(parts.first) ? [.query, .commit] : [.query]
        case UInt8(ascii: "P"):
            if parts.count > 1, isCommit(parts[1]) { commits.insert(Array(parts[0])) }
            return [.parse]
        case UInt8(ascii: "B"):
            return parts.count > 1 && commits.contains(Array(parts[1])) ? [.bind, .commit] : [.bind]
        case UInt8(ascii: "E"): return [.execute]
        case UInt8(ascii: "S"): return [.sync]
        default: return []
        }
    }

    private static func message(from socket: Int32, hasType: Bool) -> [UInt8]? {
        let head = hasType ? 5 : 4
        guard var message = bytes(head, from: socket) else { return nil }
        let length = message.suffix(4).reduce(0) { $0 << 8 | Int($1) }
        guard length >= 4, let body = bytes(length - 4, from: socket) else { return nil }
        message += body
        return message
    }

    private static func bytes(_ count: Int, from socket: Int32) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let some = bytes.withUnsafeMutableBytes { recv(socket, $0.baseAddress.map { $0 + done }, count - done, 0) }
            guard some > 0 else { return nil }
            done += some
        }
        return bytes
    }

    private static func send(_ bytes: ArraySlice<UInt8>, to socket: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
