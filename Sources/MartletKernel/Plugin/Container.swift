/// What plugins have given so far, by capability: one value each, and lists that many add to.
///
/// A value type: the kernel hands it from plugin to plugin while they are made, and keeps what came of it.
struct Container: Sendable {
    private var provided: [String: any Sendable] = [:]
    private var contributed: [String: [any Sendable]] = [:]
    private var contributors: [String: [PluginID]] = [:]
    /// What plugins give to these is dropped: a test has put its own in place.
    private let overridden: Overrides

    init(_ overrides: Overrides) {
        overridden = overrides
        provided = overrides.values
        contributed = overrides.lists
    }

    func hasValue(of capability: String) -> Bool {
        provided[capability] != nil
    }

    /// Nil when nobody provided it, or a value of another type under this name.
    func value<Value>(of capability: Capability<Value>) -> Value? {
        provided[capability.name] as? Value
    }

    /// Nil when there is a value of another type under this name.
    func values<Value>(of capability: Capability<Value>) -> [Value]? {
        let values = contributed[capability.name] ?? []
        let typed = values.compactMap { $0 as? Value }
        return typed.count == values.count ? typed : nil
    }

    /// Who contributed each of a capability's values; nil for one of an override.
    func contributor(_ index: Int, of capability: String) -> PluginID? {
        let plugins = contributors[capability] ?? []
        return plugins.indices.contains(index) ? plugins[index] : nil
    }

    mutating func provide<Value>(_ capability: Capability<Value>, _ value: Value) {
        guard overridden.values[capability.name] == nil else { return }
        provided[capability.name] = value
    }

    mutating func contribute<Value>(_ capability: Capability<Value>, _ value: Value, by plugin: PluginID) {
        guard overridden.lists[capability.name] == nil else { return }
        contributed[capability.name, default: []].append(value)
        contributors[capability.name, default: []].append(plugin)
    }
}
