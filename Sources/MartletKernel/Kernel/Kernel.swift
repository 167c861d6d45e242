public import Logging
import Synchronization

/// Makes the plugins that a configuration names, starts them, runs them, and stops them.
///
/// Making a kernel makes its plugins, in order, and opens nothing: `martlet check` goes this far. ``run(_:)`` goes
/// through the rest of their lives:
///
/// 1. `start()`, in order: who gives before who takes. The application stands between the storage and the transports,
///    and starting it prepares the storage: so tables are there before an address is bound.
/// 2. Ready. `run()` of all, at the same time.
/// 3. Draining, once ``shutDown()`` is called or a plugin fails: in reverse order, each told when the one after it has
///    finished, all within `shutdown.grace`. Then those that still run are cancelled.
/// 4. `stop()`, in reverse order.
///
/// When one fails, those that had started are stopped, in reverse, and the ``KernelError`` names it and its stage.
public final class Kernel: Sendable {
    public let configuration: Configuration
    /// In the order of their start.
    let plugins: [any Plugin]
    let logger: Logger
    let drain = Drain()
    /// How long its making took.
    let making: Duration
    private let container: Container

    /// Makes every plugin.
    /// - Parameters:
    ///   - overrides: what a test puts in the place of what plugins give.
    ///   - logger: makes a logger of a label: a plugin's id, or `kernel`.
    /// - Throws: ``KernelError`` of the stages wiring and initialisation.
    public convenience init(
        _ configuration: Configuration, overrides: Overrides = Overrides(),
        logger: (String) -> Logger = { Logger(label: $0) }
    ) throws(KernelError) {
        try self.init(configuration, overrides, skipping: [], logger)
    }

    /// - Parameter skipping: plugins that can't be made, which is known already.
    fileprivate init(
        _ configuration: Configuration, _ overrides: Overrides = Overrides(), skipping: Set<PluginID>,
        _ logger: (String) -> Logger = { Logger(label: $0) { _ in SwiftLogNoOpLogHandler() } }
    ) throws(KernelError) {
        let begin = ContinuousClock.now
        self.configuration = configuration
        self.logger = logger("kernel")
        let known = [SystemPlugin.self] + configuration.plugins + [ApplicationPlugin.self]
        let types: [any Plugin.Type]
        do throws(WiringError) {
            types = try PluginOrder.ordered(
                known.filter { !overrides.replace($0) }, given: overrides.names, known: configuration.catalog.plugins)
        } catch {
            throw KernelError(error, at: configuration.origin(of: error))
        }
        var maker = PluginMaker(configuration, Container(overrides))
        for type in types {
            if skipping.contains(type.id) {
                maker.leaveOut(type)
            } else {
                try maker.make(type, logger("\(type.id)"))
            }
        }
        plugins = try maker.made()
        container = maker.container
        making = ContinuousClock.now - begin
    }

    /// What a plugin provided; nil when none in use does.
    public func value<Value>(of capability: Capability<Value>) -> Value? {
        container.value(of: capability)
    }

    /// All that plugins contributed, in their order.
    public func values<Value>(of capability: Capability<Value>) -> [Value] {
        container.values(of: capability) ?? []
    }

    /// Lets ``run(_:)`` drain and return, or not even start. Returns at once, and can be called from anywhere.
    public func shutDown() {
        drain.request()
    }
}

// MARK: - Making plugins

extension Kernel {
    /// What keeps the plugins of a configuration from being made, beside what is wrong with the configuration itself.
    package static func mistakes(in reading: ConfigurationReading) -> [ConfigurationIssue] {
        guard let configuration = reading.configuration else { return [] }
        do throws(KernelError) {
            _ = try Kernel(configuration, skipping: reading.refused)
            return []
        } catch {
            return error.asIssues
        }
    }
}

/// Makes plugins in order. After one whose configuration isn't valid it goes on with those that need nothing of it, so
/// that all mistakes are told at once.
private struct PluginMaker {
    private let configuration: Configuration
    private(set) var container: Container
    private var plugins: [any Plugin] = []
    private var errors: [KernelError] = []
    /// Capabilities of plugins that aren't there.
    private var missing: Set<String> = []

    init(_ configuration: Configuration, _ container: Container) {
        self.configuration = configuration
        self.container = container
    }

    func made() throws(KernelError) -> [any Plugin] {
        guard errors.count < 2 else { throw KernelError(errors) }
        if let error = errors.first { throw error }
        return plugins
    }

    /// - Throws: what isn't the configuration's fault.
    mutating func make(_ type: any Plugin.Type, _ logger: Logger) throws(KernelError) {
        let declared = PluginDeclaration(type)
        guard missing.isDisjoint(with: declared.requires + declared.collects) else { return leaveOut(type) }
        var context = PluginContext(
            type, settings: configuration.settings(of: type), kernel: configuration.kernel,
            configurationDirectory: configuration.directory, container: container, logger: logger)
        do throws(KernelError) {
            plugins.append(try Self.make(type, &context, configuration))
            container = context.container
        } catch  where error.kind == .configuration {
            errors.append(error)
            leaveOut(type)
        }
    }

    /// Also what needs it can't be made then.
    mutating func leaveOut(_ type: any Plugin.Type) {
        let declared = PluginDeclaration(type)
        missing.formUnion(declared.provides + declared.contributes)
    }

    private static func make(
        _ type: any Plugin.Type, _ context: inout PluginContext, _ configuration: Configuration
    ) throws(KernelError) -> any Plugin {
        let plugin: any Plugin
        do {
            plugin = try type.init(from: &context)
        } catch let error as WiringError {
            throw KernelError(error)
        } catch let error as ConfigurationError {
            throw KernelError(error.issues)
        } catch let error as ConfigurationIssue {
            throw KernelError([error])
        } catch let error as SettingError {
            guard let setting = error.setting else {
                throw KernelError(.configuration, type.id, .initialisation, "\(error)")
            }
            let origin = configuration.origin(of: setting, of: type.id)
            throw KernelError([ConfigurationIssue(origin, "\(type.id).\(setting) \(error)")])
        } catch {
            throw KernelError(.configuration, type.id, .initialisation, "\(error)")
        }
        for capability in context.declared.provides where !context.container.hasValue(of: capability) {
            throw KernelError(.promiseBroken(type.id, capability))
        }
        return plugin
    }
}
