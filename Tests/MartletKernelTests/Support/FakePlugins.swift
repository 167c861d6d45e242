import MartletKernel
import MartletModel
import ServiceLifecycle

/// What a fake plugin's life does, beside writing it down.
struct Script: Sendable {
    /// Events such as "start transport.fake" that throw.
    var failures: Set<String> = []
    /// "run storage.fake": returns at once.
    var endsEarly: Set<String> = []
    /// "run transport.fake": works on, whatever it is told, until it is cancelled.
    var ignoresDrain: Set<String> = []
}

extension Capability where Value == Script {
    static var script: Self { Self("script") }
}

struct ScriptedFailure: Error, CustomStringConvertible {
    let description: String
}

/// A plugin's life that follows the script.
struct ScriptedLife: Sendable {
    let name: String
    let journal: Journal
    let script: Script

    static let requires: [any CapabilityDescription] = [Capability<Journal>.journal, Capability<Script>.script]

    init(_ context: PluginContext) throws {
        name = context.plugin.description
        journal = try context.require(.journal)
        script = try context.require(.script)
        try happen("init")
    }

    func happen(_ event: String) throws {
        journal.write("\(event) \(name)")
        if script.failures.contains("\(event) \(name)") { throw ScriptedFailure(description: "\(event) went wrong") }
    }

    func run() async throws {
        try happen("run")
        if script.endsEarly.contains("run \(name)") { return }
        if script.ignoresDrain.contains("run \(name)") {
            for await _ in AsyncStream<Never>(Never.self, { _ in }) {}
            journal.write("cancelled \(name)")
            return
        }
        try? await gracefulShutdown()
        try happen("drained")
    }
}

protocol ScriptedPlugin: Plugin {
    var life: ScriptedLife { get }
}

extension ScriptedPlugin {
    static var summary: String { "A fake." }
    static var requires: [any CapabilityDescription] { ScriptedLife.requires }
    func start() async throws { try life.happen("start") }
    func run() async throws { try await life.run() }
    func stop() async { try? life.happen("stop") }
}

struct FakeStoragePlugin: ScriptedPlugin {
    static let id: PluginID = "storage.fake"
    static var provides: [any CapabilityDescription] { [Capability.storage] }
    static let path = Setting("path", default: "fake.db", "Where it is.")
    static let busyTimeout = Setting(
        "busyTimeout", default: Duration.seconds(1), in: .zero ... .seconds(60), "Patience.")
    static let password = Setting(
        "password", default: "", isSecret: true, environmentAlias: "FAKE_PASSWORD", "A secret.")
    static let sync = Setting("sync", default: true, "Whether it is durable.")
    static var settings: [any SettingDescription] { [path, busyTimeout, password, sync] }
    let life: ScriptedLife

    init(from context: inout PluginContext) throws {
        life = try ScriptedLife(context)
        let isBroken = life.script.failures.contains("prepare storage.fake")
        try context.provide(
            .storage, FakeStorage(journal: life.journal, preparation: isBroken ? .unusable("not a database") : nil))
    }
}

struct FakeTransportPlugin: ScriptedPlugin {
    static let id: PluginID = "transport.fake"
    static var requires: [any CapabilityDescription] { ScriptedLife.requires + [Capability.application] }
    static var contributes: [any CapabilityDescription] { [Capability.transports] }
    static let port = Setting("port", default: 8000, in: 0...65535, environmentAlias: "PORT", "Its port.")
    static var settings: [any SettingDescription] { [port] }
    let life: ScriptedLife

    init(from context: inout PluginContext) throws {
        life = try ScriptedLife(context)
        _ = try context.require(.application)
        try context.contribute(.transports, FakeTransport(port: try context[Self.port]))
    }
}

struct FakeTransport: Transport {
    let port: Int
    var routes: [RouteListing] { [RouteListing(method: "GET", path: "/notes", summary: "Lists notes.")] }
    var openAPI: [UInt8]? { Array("{}".utf8) }
}

struct NotesPlugin: ScriptedPlugin {
    static let id: PluginID = "resources.notes"
    static var contributes: [any CapabilityDescription] { [Capability.resources] }
    let life: ScriptedLife

    init(from context: inout PluginContext) throws {
        life = try ScriptedLife(context)
        try context.contribute(
            .resources, try ResourceSchema("notes", [FieldSchema("id", .integer, [.key(.generated)])]))
    }
}
