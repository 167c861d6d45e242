import Logging
public import MartletKernel
import MartletModel
import NIOCore
import ServiceLifecycle

/// Serves the resources over HTTP/1.1.
public struct HTTPTransport: Plugin {
    public static let id: PluginID = "transport.http"
    public static let summary = "Serves the resources over HTTP/1.1."
    public static let requires: [any CapabilityDescription] = [
        Capability.application, Capability.clock, Capability.random, Capability.bufferBudget,
    ]
    public static let contributes: [any CapabilityDescription] = [Capability.transports, Capability.warnings]
    public static let collects: [any CapabilityDescription] = [Capability.resources, Capability.routes]

    private let server: HTTPServer
    private let basePath: String
    private let logger: Logger

    public init(from context: inout PluginContext) throws {
        let application = try context.require(.application)
        basePath = try context[Self.basePath]
        logger = context.logger
        let routes = try context.contributions(.routes)
        try RouteConflicts.check(routes, beside: try context.contributions(.resources))
        let interface = HTTPInterface(
            Array(application.resources.values), routes.map(\.value), basePath: basePath,
            title: try context[Self.title], assets: try context[Self.docsAssets])
        let budget = try context.require(.bufferBudget)
        let limits = try Limits(context)
        let maxBufferedBytes = try context[Self.maxBufferedBytes].bytes
        budget.setLimit(maxBufferedBytes)
        // A body is held as it came, as a row, as the record that is written and as its response, in seven eighths of the budget.
        if maxBufferedBytes < 6 * limits.bodySize {
            try context.contribute(
                .warnings,
                "transport.http.maxBufferedBytes is too small for bodies of transport.http.maxBodySize, which will be answered 503: "
                    + "set it to at least 6 times as much")
        }
        server = HTTPServer(
            try ServerSettings(context),
            ServerContext(
                application: application, routes: interface.routes, limits: limits, timeouts: try Timeouts(context),
                crossOrigin: try CrossOrigin(context, routes.map(\.value.endpoint)), clock: try context.require(.clock),
                log: AccessLog(logger, isOn: try context[Self.accessLog]), budget: budget),
            try context.require(.random), logger)
        try context.contribute(
            .transports,
            HTTPDescription(routes: interface.listings(basePath: basePath), openAPI: interface.openAPI))
    }

    public func start() async throws {
        let address = try await server.start()
        let url = address.url ?? "?"
        var metadata: Logger.Metadata = ["address": "\(url)"]
        // A browser can't open a Unix socket.
        if address.port != nil { metadata["docs"] = "\(url)\(basePath)/docs" }
        logger.info("listening", metadata: metadata)
        if !address.isLocal {
            logger.warning(
                "other machines can reach this address, and there is no authentication yet",
                metadata: ["address": "\(url)"])
        }
    }

    public func run() async throws {
        // Cancelled instead when the grace is over: then there is nothing to wait for.
        try? await gracefulShutdown()
        await server.drain()
    }

    public func stop() async {
        await server.stop()
    }
}
