import ServiceLifecycle

/// The kernel's own plugin for what the operating system gives: the time and random bits.
struct SystemPlugin: Plugin {
    static let id: PluginID = "kernel.system"
    static let summary = "The system's clock and random bits."
    static var provides: [any CapabilityDescription] { [Capability.clock, Capability.random] }

    init(from context: inout PluginContext) throws {
        try context.provide(.clock, .system)
        try context.provide(.random, .system)
    }
}
