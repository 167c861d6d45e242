/// What plugins have given so far, by capability: one value each, and lists that many add to.
///
/// A value type: the kernel hands it from plugin to plugin while they are made, and keeps what came of it.
struct Container: Sendable {
    private var provided: [String: any Sendable] = [:]
    private var contributed: [String: [any Sendable]] = [:]
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

    mutating func provide<Value>(_ capability: Capability<Value>, _ value: Value) {
        guard overridden.values[capability.name] == nil else { return }
        provided[capability.name] = value
    }

    mutating func contribute<Value>(_ capability: Capability<Value>, _ value: Value) {
        guard overridden.lists[capability.name] == nil else { return }
        contributed[capability.name, default: []].append(value)
    }
}
