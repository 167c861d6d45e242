import Logging
import MartletKernel
import MartletModel
import ServiceLifecycle

/// How a test and the fake plugins of its own server meet: commands make the plugins themselves.
struct Probe: Sendable {
    @TaskLocal static var current: Probe?

    var onRun: @Sendable () -> Void = {}
    /// The transport goes on for as long as this does, whatever it is told.
    var work: AsyncStream<Never>?
    /// The start of the word "slow" takes as long as this.
    var start: AsyncStream<Never>?
    /// Whether the storage can't be reached now.
    var isStorageAway: @Sendable () -> Bool = { false }
}

struct FakeFailure: Error, CustomStringConvertible {
    let description: String
}

struct FakeTransport: Plugin, Transport {
    static let id: PluginID = "transport.fake"
    static let summary = "A fake way in."
    static let port = Setting("port", default: 8000, in: 0...65535, environmentAlias: "PORT", "Its port.")
    static let token = Setting("token", default: "s3cr3t", isSecret: true, "A secret.")
    static let failure = Setting("failure", default: "", "The stage that fails.")
    static var settings: [any SettingDescription] { [port, token, failure] }
    static var requires: [any CapabilityDescription] { [Capability.application] }
    static var contributes: [any CapabilityDescription] { [Capability.transports] }

    let failure: String
    let routes: [RouteListing]
    var openAPI: [UInt8]? { failure == "openapi" ? nil : Array("{\"openapi\":\"3.1.0\"}".utf8) }

    init(from context: inout PluginContext) throws {
        failure = try context[Self.failure]
        routes = try context.require(.application).resources.keys.sorted().flatMap { name in
            [
                RouteListing(method: "GET", path: "/\(name)", summary: "Lists \(name)."),
                RouteListing(method: "DELETE", path: "/\(name)/{id}", summary: "Deletes one."),
            ]
        }
        context.logger.info("made")
        try context.contribute(.transports, self)
    }

    func start() async throws {
        if failure == "start" { throw FakeFailure(description: "the address is in use") }
    }

    func run() async throws {
        if failure == "run" { throw FakeFailure(description: "broken") }
        Probe.current?.onRun()
        if let work = Probe.current?.work {
            for await _ in work {}
        }
        try? await gracefulShutdown()
    }
}

struct FakeStorage: Plugin, Storage {
    static let id: PluginID = "storage.fake"
    static let summary = "Keeps nothing."
    static let failure = Setting("failure", default: false, "Whether it can't be prepared.")
    static let isAway = Setting("isAway", default: false, "Whether it can't be reached.")
    static var settings: [any SettingDescription] { [failure, isAway] }
    static var provides: [any CapabilityDescription] { [Capability.storage] }
    let failure, isAway: Bool

    init(from context: inout PluginContext) throws {
        failure = try context[Self.failure]
        isAway = try context[Self.isAway]
        try context.provide(.storage, self)
    }

    func prepare(_ schemas: [ResourceSchema]) async throws(StorageError) {
        if failure { throw .unusable("not a database") }
        if isAway || Probe.current?.isStorageAway() == true { throw .unavailable("nobody answers") }
    }

    func rows(for query: Query, _ context: RequestContext) async throws(StorageError) -> RowBatch { RowBatch(width: 1) }
    func commit(_ transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult {
        .committed([])
    }
    func replay(of transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult? {
        nil
    }
    func health() async -> Health { .ready }
    func close() async {}
}

struct Notes: Plugin {
    static let id: PluginID = "resources.notes"
    static let summary = "Notes."
    static var contributes: [any CapabilityDescription] { [Capability.resources, Capability.fileFormats] }

    init(from context: inout PluginContext) throws {
        try context.contribute(.fileFormats, FileFormat(name: "note", jsonSchema: Array("{\"type\":\"object\"}".utf8)))
        try context.contribute(.fileFormats, FileFormat(name: "other", jsonSchema: []))
        try context.contribute(
            .resources, try ResourceSchema("notes", [FieldSchema("id", .integer, [.key(.generated)])]))
    }
}
