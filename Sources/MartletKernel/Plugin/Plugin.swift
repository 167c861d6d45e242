public import ServiceLifecycle

/// What the kernel loads by name: a storage, a transport, a resource.
///
/// A plugin's life:
///
/// 1. `init(from:)` takes its settings and what other plugins provide, and provides and contributes in turn. It only
///    looks: it opens nothing, so that `martlet check` can do this much.
/// 2. `start()` acquires: opens the database, binds the address. When a later plugin fails to start, `stop()` undoes it.
/// 3. `run()` works until the server drains: it returns once graceful shutdown was triggered and what was under way is
///    finished. Plugins drain in the reverse order of their start.
/// 4. `stop()` releases, after `run()` has returned.
public protocol Plugin: Service {
    static var id: PluginID { get }
    /// What it is, in one line, for `martlet plugins`.
    static var summary: String { get }
    /// Every setting that it reads.
    static var settings: [any SettingDescription] { get }

    /// What it gives to others, one value each. Nobody else may provide the same.
    static var provides: [any CapabilityDescription] { get }
    /// What it needs of others: their providers come before it.
    static var requires: [any CapabilityDescription] { get }
    /// What it adds to, beside others.
    static var contributes: [any CapabilityDescription] { get }
    /// What it wants all contributions to: their contributors come before it.
    static var collects: [any CapabilityDescription] { get }

    /// Decodes and validates: a plugin that isn't valid doesn't exist.
    /// - Throws: anything that says what is wrong; a ``SettingError`` is shown with the place where the value stands.
    init(from context: inout PluginContext) throws

    func start() async throws
    func stop() async
}

extension Plugin {
    public static var settings: [any SettingDescription] { [] }
    public static var provides: [any CapabilityDescription] { [] }
    public static var requires: [any CapabilityDescription] { [] }
    public static var contributes: [any CapabilityDescription] { [] }
    public static var collects: [any CapabilityDescription] { [] }

    public func start() async throws {}
    public func run() async throws { try? await gracefulShutdown() }
    public func stop() async {}
}
