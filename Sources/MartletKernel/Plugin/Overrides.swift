/// What a test puts in the place of what plugins give: a clock that stands still, a storage in memory.
///
/// ```swift
/// try Kernel(plugins, overrides: Overrides().providing(.clock, frozen).collecting(.resources, [notes]))
/// ```
///
/// A plugin whose every provided capability is overridden isn't loaded; one that provides nothing, when everything it
/// contributes to is.
public struct Overrides: Sendable {
    private(set) var values: [String: any Sendable] = [:]
    private(set) var lists: [String: [any Sendable]] = [:]

    public init() {}

    /// With this value as the one that plugins require.
    public func providing<Value>(_ capability: Capability<Value>, _ value: Value) -> Overrides {
        var overrides = self
        overrides.values[capability.name] = value
        return overrides
    }

    /// With these values as all that plugins collect.
    public func collecting<Value>(_ capability: Capability<Value>, _ values: [Value]) -> Overrides {
        var overrides = self
        overrides.lists[capability.name] = values
        return overrides
    }

    var names: Set<String> { Set(values.keys).union(lists.keys) }

    /// Whether a plugin has nothing left to give.
    func replace(_ type: any Plugin.Type) -> Bool {
        let plugin = PluginDeclaration(type)
        if plugin.provides.isEmpty {
            return !plugin.contributes.isEmpty && plugin.contributes.allSatisfy { lists[$0] != nil }
        }
        return plugin.provides.allSatisfy { values[$0] != nil }
    }
}
