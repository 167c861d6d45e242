public import Logging

/// What the kernel hands a plugin to be made of: its settings, and what others provide.
///
/// Only what the plugin declares can be used: a plugin that takes or gives more stops the start, with its name.
public struct PluginContext {
    public let plugin: PluginID
    /// Labelled with the plugin's id.
    public let logger: Logger
    /// The folder of the configuration file, absolute: what a plugin finds "beside this file". Nil without a file.
    public let configurationDirectory: String?
    let kernel: KernelSettings
    /// The texts of the settings that are configured, by name.
    let settings: [String: String]
    let declared: PluginDeclaration
    private(set) var container: Container
    private(set) var given: Set<String> = []

    init(
        _ type: any Plugin.Type, settings: [String: String], kernel: KernelSettings, configurationDirectory: String?,
        container: Container, logger: Logger
    ) {
        self.kernel = kernel
        plugin = type.id
        declared = PluginDeclaration(type)
        self.settings = settings
        self.configurationDirectory = configurationDirectory
        self.container = container
        self.logger = logger
    }

    /// The value of a setting: as configured, else its default. The plugin must list the setting.
    public subscript<Value>(_ setting: Setting<Value>) -> Value {
        get throws(SettingError) {
            guard declared.settings.contains(setting.name) else {
                throw SettingError("is not listed in the plugin's settings", setting: setting.name)
            }
            if let text = settings[setting.name] {
                return try setting.value(text)
            }
            guard let value = setting.default else {
                throw SettingError("is required", setting: setting.name)
            }
            return value
        }
    }

    /// What another plugin provides.
    public func require<Value>(_ capability: Capability<Value>) throws(WiringError) -> Value {
        guard declared.requires.contains(capability.name) else {
            throw .undeclared(plugin, .requires, capability.name)
        }
        guard let value = container.value(of: capability) else {
            throw .typeMismatch(plugin, capability.name, "\(Value.self)")
        }
        return value
    }

    /// All that other plugins contribute, in their order.
    public func collect<Value>(_ capability: Capability<Value>) throws(WiringError) -> [Value] {
        guard declared.collects.contains(capability.name) else {
            throw .undeclared(plugin, .collects, capability.name)
        }
        guard let values = container.values(of: capability) else {
            throw .typeMismatch(plugin, capability.name, "\(Value.self)")
        }
        return values
    }

    /// All that other plugins contribute, in their order, each with its plugin; nil for what a test has put in its place.
    public func contributions<Value>(
        _ capability: Capability<Value>
    ) throws(WiringError) -> [(value: Value, plugin: PluginID?)] {
        try collect(capability).enumerated().map { index, value in
            (value, container.contributor(index, of: capability.name))
        }
    }

    /// Gives a value to the plugins that require it.
    public mutating func provide<Value>(_ capability: Capability<Value>, _ value: Value) throws(WiringError) {
        guard declared.provides.contains(capability.name) else {
            throw .undeclared(plugin, .provides, capability.name)
        }
        guard given.insert(capability.name).inserted else {
            throw .providedTwice(capability.name, plugin, plugin)
        }
        container.provide(capability, value)
    }

    /// Adds a value for the plugins that collect it.
    public mutating func contribute<Value>(_ capability: Capability<Value>, _ value: Value) throws(WiringError) {
        guard declared.contributes.contains(capability.name) else {
            throw .undeclared(plugin, .contributes, capability.name)
        }
        container.contribute(capability, value, by: plugin)
    }
}
