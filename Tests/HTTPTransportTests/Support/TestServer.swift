import Foundation
import InMemoryLogging
import Logging
import MartletKernel
import MartletModel
import NIOCore
import UsersModel

@testable import HTTPTransport

/// A server on a free port of the loopback interface, or on a Unix socket.
struct TestServer: Sendable {
    let server: HTTPServer
    let address: SocketAddress
    let context: ServerContext
    let storage: TestStorage
    let log: InMemoryLogHandler

    /// What a test wants otherwise than it is by default.
    struct Options {
        var address = ListenAddress.tcp(host: "127.0.0.1", port: 0)
        var limits = Limits()
        /// So long that a busy machine doesn't meet them.
        var timeouts = Timeouts(header: .hours(1), body: .hours(1), write: .hours(1), idle: .hours(1))
        var maxConnections = 100
        var basePath = ""
        var clock = WallClock.system
        var random = RandomSource.system
        var threads = 1
        var allowedOrigins = ""
        var allowCredentials = false
        var allowedHeaders = ""
        var socketMode: UInt32?
        var budget = BufferBudget()
        /// Beside users and ``TestResources``.
        var resources: [ResourceSchema] = []
        /// Of plugins.
        var routes: [Route] = []
        /// So long that a busy machine doesn't meet it.
        var routeTimeout = Duration.seconds(3600)
    }

    /// Starts a server, calls `body` on a thread of its own (it blocks on sockets), and stops the server.
    @discardableResult
    static func run<R: Sendable>(
        _ configure: (inout Options) -> Void = { _ in }, _ body: @escaping @Sendable (TestServer) throws -> R
    ) async throws -> R {
        let server = try await start(configure)
        let result = await onThread { Result { try body(server) } }
        server.storage.release()
        await server.server.stop()
        return try result.get()
    }

    static func start(_ configure: (inout Options) -> Void = { _ in }) async throws -> TestServer {
        var options = Options()
        configure(&options)
        let (storage, log) = (TestStorage(), InMemoryLogHandler())
        let logger = Logger(label: "test") { _ in log }
        let context = try context(options, storage, logger)
        try await storage.prepare(Array(context.application.resources.values))
        let settings = ServerSettings(
            address: options.address, socketMode: options.socketMode, threads: options.threads,
            maxConnections: options.maxConnections)
        let server = HTTPServer(settings, context, options.random, logger)
        return TestServer(
            server: server, address: try await server.start(), context: context, storage: storage, log: log)
    }

    /// What connections share, for those that a test makes itself.
    static func context(
        _ options: Options = Options(), _ storage: any Storage = TestStorage(), _ logger: Logger? = nil
    ) throws -> ServerContext {
        let resources = try [User.schema.resource] + TestResources.all() + options.resources
        return ServerContext(
            application: Application(resources: resources, storage: storage, routeTimeout: options.routeTimeout),
            routes: HTTPInterface(resources, options.routes, basePath: options.basePath).routes,
            limits: options.limits, timeouts: options.timeouts,
            crossOrigin: CrossOrigin(
                AllowedOrigins(text: options.allowedOrigins), withCredentials: options.allowCredentials,
                furtherFields: CrossOrigin.names(options.allowedHeaders), options.routes.map(\.endpoint)),
            clock: options.clock,
            log: AccessLog(logger ?? Logger(label: "test") { _ in InMemoryLogHandler() }, isOn: true),
            budget: options.budget)
    }

    func connect() throws -> RawConnection { try RawConnection(to: address) }

    /// Sends bytes on a new connection and reads answers until the server closes it.
    func answers(to request: String) throws -> [RawAnswer] {
        let connection = try connect()
        try connection.send(request)
        connection.closeOutput()
        return try connection.answersToEnd()
    }

    /// Sends one request with a body of JSON, or without one, and reads its answer.
    @discardableResult
    func call(_ method: String, _ target: String, _ body: String? = nil, _ fields: String...) throws -> RawAnswer {
        guard let body else { return try answer(to: Requests.bare(method, target, fields)) }
        let framing = ["Content-Type: application/json", "Content-Length: \(body.utf8.count)"]
        return try answer(to: Requests.bare(method, target, framing + fields) + body)
    }

    /// Sends one request on a new connection and reads its answer.
    func answer(to request: String) throws -> RawAnswer {
        let connection = try connect()
        try connection.send(request)
        return try connection.answer(isHead: request.hasPrefix("HEAD"))
    }
}

extension HTTPInterface {
    var document: JSONValue {
        get throws { try openAPI.withUnsafeBytes { text throws(JSONError) in try JSONValue(json: text) } }
    }
}
