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
    public init(
        _ configuration: Configuration, overrides: Overrides = Overrides(),
        logger: (String) -> Logger = { Logger(label: $0) }
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
            throw KernelError(error)
        }
        var container = Container(overrides)
        var plugins: [any Plugin] = []
        for type in types {
            var context = PluginContext(
                type, settings: configuration.settings(of: type), kernel: configuration.kernel,
                configurationDirectory: configuration.directory, container: container, logger: logger("\(type.id)"))
            plugins.append(try Self.make(type, &context, configuration))
            container = context.container
        }
        self.plugins = plugins
        self.container = container
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

    private static func make(
        _ type: any Plugin.Type, _ context: inout PluginContext, _ configuration: Configuration
    ) throws(KernelError) -> any Plugin {
        let plugin: any Plugin
        do {
            plugin = try type.init(from: &context)
        } catch let error as WiringError {
            throw KernelError(error)
        } catch let error as ConfigurationError {
            // Each of its lines begins with a place, which says more than the plugin's name.
            throw KernelError(.configuration, nil, .initialisation, "\(error)")
        } catch let error as ConfigurationIssue {
            throw KernelError(.configuration, nil, .initialisation, "\(error)")
        } catch let error as SettingError {
            guard let setting = error.setting else {
                throw KernelError(.configuration, type.id, .initialisation, "\(error)")
            }
            let origin = configuration.origin(of: setting, of: type.id)
            throw KernelError(.configuration, nil, .initialisation, "\(origin): \(type.id).\(setting) \(error)")
        } catch {
            throw KernelError(.configuration, type.id, .initialisation, "\(error)")
        }
        for capability in context.declared.provides where !context.container.hasValue(of: capability) {
            throw KernelError(.promiseBroken(type.id, capability))
        }
        return plugin
    }
}
