import ServiceLifecycle

/// The kernel's own plugin for what the operating system gives: the time, random bits, and memory.
struct SystemPlugin: Plugin {
    static let id: PluginID = "kernel.system"
    static let summary = "The system's clock, random bits and memory."
    static var provides: [any CapabilityDescription] { [Capability.clock, Capability.random, Capability.bufferBudget] }

    init(from context: inout PluginContext) throws {
        try context.provide(.clock, .system)
        try context.provide(.random, .system)
        try context.provide(.bufferBudget, BufferBudget())
    }
}
