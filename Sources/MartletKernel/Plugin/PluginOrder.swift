/// The order in which plugins are made and started: who gives comes before who takes; the rest as they were listed.
struct PluginOrder {
    private let plugins: [any Plugin.Type]
    /// For each plugin, what it needs of which other one.
    private let needs: [[Need]]

    /// - Parameters:
    ///   - plugins: those in use.
    ///   - given: capabilities that are there without a plugin.
    ///   - known: every plugin that could be used, for hints.
    static func ordered(
        _ plugins: [any Plugin.Type], given: Set<String> = [], known: [any Plugin.Type] = []
    ) throws(WiringError) -> [any Plugin.Type] {
        try PluginOrder(plugins, given: given, known: known).ordered()
    }

    private struct Need {
        let use: WiringError.Use
        let capability: String
        let giver: Int
    }

    private init(_ plugins: [any Plugin.Type], given: Set<String>, known: [any Plugin.Type]) throws(WiringError) {
        self.plugins = plugins
        let declarations = plugins.map(PluginDeclaration.init)
        let providers = try Self.providers(among: declarations)
        var needs: [[Need]] = []
        for (index, plugin) in declarations.enumerated() {
            var needed: [Need] = []
            for capability in plugin.requires where !given.contains(capability) {
                guard let giver = providers[capability] else {
                    let others = known.map(PluginDeclaration.init).filter { $0.provides.contains(capability) }
                    throw .notProvided(plugin.id, capability, providers: others.map(\.id))
                }
                needed.append(Need(use: .requires, capability: capability, giver: giver))
            }
            for capability in plugin.collects where !given.contains(capability) {
                for (giver, other) in declarations.enumerated()
                where giver != index && other.contributes.contains(capability) {
                    needed.append(Need(use: .collects, capability: capability, giver: giver))
                }
            }
            needs.append(needed)
        }
        self.needs = needs
    }

    private static func providers(among plugins: [PluginDeclaration]) throws(WiringError) -> [String: Int] {
        var providers: [String: Int] = [:]
        for (index, plugin) in plugins.enumerated() {
            for capability in plugin.provides {
                if let first = providers.updateValue(index, forKey: capability) {
                    throw .providedTwice(capability, plugins[first].id, plugin.id)
                }
            }
        }
        return providers
    }

    /// Takes, again and again, the first plugin in the list that lacks nothing.
    private func ordered() throws(WiringError) -> [any Plugin.Type] {
        var order: [Int] = []
        var waiting = Array(plugins.indices)
        while !waiting.isEmpty {
            guard
                let next = waiting.firstIndex(where: { plugin in
                    needs[plugin].allSatisfy { !waiting.contains($0.giver) }
                })
            else { throw .cycle(cycle(among: waiting)) }
            order.append(waiting.remove(at: next))
        }
        return order.map { plugins[$0] }
    }

    /// Each of those that wait needs another one that waits: walking along must come back to where it has been.
    private func cycle(among waiting: [Int]) -> [WiringError.Need] {
        var path: [(plugin: Int, need: Need)] = []
        var plugin = waiting[0]
        while let need = needs[plugin].first(where: { waiting.contains($0.giver) }) {
            path.append((plugin, need))
            plugin = need.giver
            if let start = path.firstIndex(where: { $0.plugin == plugin }) {
                path.removeFirst(start)
                break
            }
        }
        return path.map { step in
            WiringError.Need(
                plugin: plugins[step.plugin].id, use: step.need.use, capability: step.need.capability,
                giver: plugins[step.need.giver].id)
        }
    }
}
