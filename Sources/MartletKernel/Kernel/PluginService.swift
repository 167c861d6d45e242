import Logging
import ServiceLifecycle

/// A plugin's `run()` in a service group: what ends it early is an error with the plugin's name.
struct PluginService: Service {
    let plugin: any Plugin
    let logger: Logger

    func run() async throws {
        let id = type(of: plugin).id
        do {
            try await plugin.run()
        } catch {
            // Cut off at the end of the grace: that isn't its failure.
            guard !(Task.isCancelled && error is CancellationError) else { return warn(id) }
            throw KernelError(.bug, id, .run, "\(error)")
        }
        if Task.isCancelled { return warn(id) }
        guard Task.isShuttingDownGracefully else { throw KernelError(.bug, id, .run, "it ended by itself") }
    }

    private func warn(_ id: PluginID) {
        logger.warning("cut off before it had finished", metadata: ["plugin": "\(id)"])
    }
}
