/// Why a list of plugins doesn't fit together.
public enum WiringError: Error, Sendable, Equatable {
    /// What a plugin declares of a capability.
    public enum Use: String, Sendable {
        case provides, requires, contributes, collects
    }

    /// One step of a cycle: `plugin` needs `capability`, which `giver` gives.
    public struct Need: Sendable, Equatable {
        public let plugin: PluginID
        public let use: Use
        public let capability: String
        public let giver: PluginID
    }

    /// The plugin uses or gives what it doesn't declare.
    case undeclared(PluginID, Use, String)
    /// Two values for a capability that has one.
    case providedTwice(String, PluginID, PluginID)
    /// Nobody who is loaded provides what the plugin requires. The last are the known plugins that would.
    case notProvided(PluginID, String, providers: [PluginID])
    /// The plugin declared that it provides this, and didn't.
    case promiseBroken(PluginID, String)
    /// Another plugin gave a value of another type under this capability's name.
    case typeMismatch(PluginID, String, String)
    /// Plugins that need each other, each step once.
    case cycle([Need])
    /// Two plugins of one id.
    case duplicatePlugin(PluginID)
    /// The kernel keeps this section of the configuration to itself.
    case reservedSection(PluginID)
    /// A setting's name that is taken, by another setting or by the configuration itself.
    case duplicateSetting(PluginID, String)

    /// Whether choosing other plugins would help; all else is a mistake in a plugin's code.
    var isOfConfiguration: Bool {
        switch self {
        case .notProvided, .providedTwice: true
        default: false
        }
    }
}

extension WiringError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .undeclared(let plugin, let use, let capability):
            return "\(plugin) does not declare that it \(use.rawValue) \(capability): list it in `\(use.rawValue)`"
        case .providedTwice(let capability, let first, let second) where first == second:
            return "\(first) provides \(capability) twice"
        case .providedTwice(let capability, let first, let second):
            return "\(first) and \(second) both provide \(capability): only one of them can be used"
        case .notProvided(let plugin, let capability, let providers):
            let hint = providers.isEmpty ? "" : "; \(providers.map(\.description).joined(separator: ", ")) would"
            return "\(plugin) requires \(capability), which no plugin in use provides\(hint)"
        case .promiseBroken(let plugin, let capability):
            return "\(plugin) declares that it provides \(capability), but did not"
        case .typeMismatch(let plugin, let capability, let type):
            return "\(plugin) takes \(capability) as \(type), but it was given as another type"
        case .cycle(let needs):
            let steps = needs.map { "\($0.plugin) \($0.use.rawValue) \($0.capability) of \($0.giver)" }
            return "plugins need each other in a circle: \(steps.joined(separator: ", "))"
        case .duplicatePlugin(let plugin):
            return "two plugins are called \(plugin)"
        case .reservedSection(let plugin):
            return "\(plugin): the section \(plugin.section) is the kernel's own"
        case .duplicateSetting(let plugin, let setting):
            return "\(plugin): the setting \(setting) has a name that is taken"
        }
    }
}
