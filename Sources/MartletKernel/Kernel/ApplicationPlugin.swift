import MartletModel
import ServiceLifecycle

/// The kernel's own plugin that makes the application: after the storage and all resources, and before the transports,
/// as they require it. Its start brings the storage in line with the resources.
struct ApplicationPlugin: Plugin {
    static let id: PluginID = "kernel.application"
    static let summary = "The resources in use, on the storage in use."
    static var provides: [any CapabilityDescription] { [Capability.application] }
    static var requires: [any CapabilityDescription] {
        [Capability.storage, Capability.clock, Capability.random]
    }
    static var collects: [any CapabilityDescription] { [Capability.resources, Capability.hooks] }

    private let storage: any Storage
    private let resources: [ResourceSchema]

    init(from context: inout PluginContext) throws {
        storage = try context.require(.storage)
        resources = try context.collect(.resources)
        guard !resources.isEmpty else { throw ResourcesError("no resource is in use: name one in resources.use") }
        try Self.checkNames(resources, context.container)
        let mistakes = ResourceSchema.mistakes(among: resources)
        guard mistakes.isEmpty else { throw ResourcesError(mistakes.map(\.description).joined(separator: "; ")) }
        let hooks = try context.collect(.hooks)
        for hook in hooks where !resources.contains(where: { $0.name == hook.resource }) {
            throw ResourcesError("a hook is for \(hook.resource), which is no resource in use")
        }
        try context.provide(
            .application,
            Application(
                resources: resources, storage: storage, hooks: hooks, hookTimeout: context.kernel.hookTimeout,
                routeTimeout: context.kernel.routeTimeout, clock: try context.require(.clock),
                random: try context.require(.random), logger: context.logger))
    }

    private static func checkNames(_ resources: [ResourceSchema], _ container: Container) throws {
        var first: [String: Int] = [:]
        for (index, resource) in resources.enumerated() {
            guard let other = first.updateValue(index, forKey: resource.name) else { continue }
            let plugins = [other, index].map {
                container.contributor($0, of: Capability.resources.name)?.description ?? "an override"
            }
            throw ResourcesError("\(plugins[0]) and \(plugins[1]) both serve a resource called \(resource.name)")
        }
    }

    func start() async throws {
        do throws(StorageError) {
            try await storage.prepare(resources)
        } catch {
            throw PreparationError(error)
        }
    }

    /// In the place of ``start()``.
    func migrate(_ mode: Migration.Mode) async throws(PreparationError) -> Migration {
        do throws(StorageError) {
            return try await storage.migrate(to: resources, mode)
        } catch {
            throw PreparationError(error)
        }
    }
}

/// Resources that can't be served together.
struct ResourcesError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Why the storage couldn't be prepared, in words for the operator.
struct PreparationError: Error, CustomStringConvertible {
    let description: String
    /// Waiting may help.
    let isTransient: Bool

    init(_ error: StorageError) {
        isTransient =
            switch error {
            case .unavailable, .overloaded, .deadlineExceeded, .timedOut, .failed, .outcomeUnknown: true
            case .unusable, .outdated, .rejected, .full, .noKeysLeft, .internal: false
            }
        switch error {
        case .unusable(let text), .unavailable(let text), .outdated(let text), .outcomeUnknown(let text),
            .internal(let text), .rejected(let text), .failed(let text):
            description = text
        case .timedOut(let wait): description = "it took longer than allowed, waiting for \(wait)"
        case .full: description = "no space is left"
        case .noKeysLeft(let text): description = "no keys are left: \(text)"
        case .overloaded, .deadlineExceeded: description = "it took too long"
        }
    }
}
