/// What a plugin's type says of it, by name.
struct PluginDeclaration {
    let id: PluginID
    let settings: [String]
    let provides: [String]
    let requires: [String]
    let contributes: [String]
    let collects: [String]

    init(_ plugin: any Plugin.Type) {
        id = plugin.id
        settings = plugin.settings.map(\.name)
        provides = plugin.provides.map(\.name)
        requires = plugin.requires.map(\.name)
        contributes = plugin.contributes.map(\.name)
        collects = plugin.collects.map(\.name)
    }
}
