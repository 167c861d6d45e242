/// The plugins that can be loaded: the list that a program passes, checked.
public struct PluginCatalog: Sendable {
    /// As listed.
    public let plugins: [any Plugin.Type]
    let byID: [PluginID: any Plugin.Type]

    /// - Throws: ``WiringError`` for two plugins of one id, or a setting or section whose name is taken.
    public init(_ plugins: [any Plugin.Type]) throws(WiringError) {
        var byID: [PluginID: any Plugin.Type] = [:]
        for plugin in plugins {
            let id = plugin.id
            guard byID.updateValue(plugin, forKey: id) == nil else { throw .duplicatePlugin(id) }
            guard KernelSettings.sections[id.section] == nil else { throw .reservedSection(id) }
            // `storage.use` chooses the plugins of a section, so none can be called that.
            guard id.name != "use" else { throw .duplicateSetting(id, "use") }
            let names = PluginDeclaration(plugin).settings
            if let name = names.first(where: { name in names.count { $0 == name } > 1 }) {
                throw .duplicateSetting(id, name)
            }
        }
        self.plugins = plugins
        self.byID = byID
    }

    /// The kinds of plugins, in the order of the list.
    var sections: [String] {
        var sections: [String] = []
        for section in plugins.map({ $0.id.section }) where !sections.contains(section) {
            sections.append(section)
        }
        return sections
    }

    /// The names of a section's plugins, sorted.
    func names(in section: String) -> [String] {
        byID.keys.filter { $0.section == section }.map(\.name).sorted()
    }

    /// What a section uses unless the configuration says so: all of its plugins, but one that would provide what one
    /// before it in the list already provides. So of two storages the first is the default, and every resource is.
    func defaults(in section: String) -> [String] {
        var provided: Set<String> = []
        var names: [String] = []
        for plugin in plugins.map(PluginDeclaration.init) where plugin.id.section == section {
            guard provided.isDisjoint(with: plugin.provides) else { continue }
            provided.formUnion(plugin.provides)
            names.append(plugin.id.name)
        }
        return names
    }
}
