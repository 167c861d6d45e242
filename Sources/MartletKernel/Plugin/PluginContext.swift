public import Logging

/// What the kernel hands a plugin to be made of: its settings, and what others provide.
///
/// Only what the plugin declares can be used: a plugin that takes or gives more stops the start, with its name.
public struct PluginContext {
    public let plugin: PluginID
    /// Labelled with the plugin's id.
    public let logger: Logger
    let settings: [String: String]
    let container: Container
    let declared: DeclaredCapabilities

    /// The value of a setting: as configured, else its default. The plugin must list the setting.
    public subscript<Value>(_ setting: Setting<Value>) -> Value {
        get throws(SettingError) { fatalError("placeholder") }
    }

    /// What another plugin provides.
    public func require<Value>(_ capability: Capability<Value>) -> Value { fatalError("placeholder") }

    /// All that other plugins contribute, in their order.
    public func collect<Value>(_ capability: Capability<Value>) -> [Value] { fatalError("placeholder") }

    /// Gives a value to the plugins that require it.
    public func provide<Value>(_ capability: Capability<Value>, _ value: Value) { fatalError("placeholder") }

    /// Adds a value for the plugins that collect it.
    public func contribute<Value>(_ capability: Capability<Value>, _ value: Value) { fatalError("placeholder") }
}
struct Container {}
struct DeclaredCapabilities {}
