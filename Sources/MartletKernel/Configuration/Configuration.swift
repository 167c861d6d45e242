/// What a server is made of and with which settings: read from all sources, every value checked.
///
/// What comes first wins: `--set`, the environment, the YAML file, defaults. A mistake in the file or in `--set` is an
/// error; an unknown `MARTLET_…` variable is a warning, as the environment isn't Martlet's alone.
public struct Configuration: Sendable {
    /// Every plugin that could be used.
    public let catalog: PluginCatalog
    /// Those that are, in the order that they are named in.
    public let plugins: [any Plugin.Type]
    /// The kernel's own.
    public let kernel: KernelSettings
    /// The YAML file, absolute; nil when there was none.
    public let file: String?
    /// For the log.
    public private(set) var warnings: [String]
    private let values: [String: ConfiguredValue]

    /// - Throws: ``ConfigurationError`` with all that is wrong.
    public init(_ catalog: PluginCatalog, from sources: ConfigurationSources) throws(ConfigurationError) {
        let reading = ConfigurationReading(catalog, sources)
        guard reading.issues.isEmpty, let configuration = reading.configuration else {
            throw ConfigurationError(issues: reading.issues)
        }
        self = configuration
    }

    /// Of what is right.
    fileprivate init(_ resolver: ConfigurationResolver, _ file: String?) throws(SettingError) {
        let values = resolver.values
        kernel = try KernelSettings { values[$0]?.text }
        catalog = resolver.catalog
        plugins = resolver.plugins
        warnings = resolver.warnings
        self.file = file.map(absolutePath)
        self.values = values
    }

    package mutating func add(warning: String) {
        warnings.append(warning)
    }

    /// The folder that the file is in.
    public var directory: String? {
        file?.lastIndex(of: "/").map { slash in
            slash == file?.startIndex ? "/" : String(file?[..<slash] ?? "")
        }
    }

    /// What is configured for a plugin, by setting.
    func settings(of plugin: any Plugin.Type) -> [String: String] {
        var settings: [String: String] = [:]
        for setting in plugin.settings {
            settings[setting.name] = values["\(plugin.id).\(setting.name)"]?.text
        }
        return settings
    }

    /// Where the plugins of a section are chosen that don't fit together; ``ConfigurationOrigin/nowhere`` unless they are.
    func origin(of error: WiringError) -> ConfigurationOrigin {
        switch error {
        case .providedTwice(_, _, let plugin): values["\(plugin.section).use"]?.origin ?? .nowhere
        case .notProvided(_, _, let providers):
            providers.first.flatMap { values["\($0.section).use"]?.origin } ?? .nowhere
        default: .nowhere
        }
    }

    /// Where a setting's value comes from.
    func origin(of setting: String, of plugin: PluginID) -> ConfigurationOrigin {
        values["\(plugin).\(setting)"]?.origin ?? .nowhere
    }
}

/// A setting's value as it was found.
struct ConfiguredValue: Sendable {
    let text: String
    let origin: ConfigurationOrigin
}

/// What is wrong with a configuration, and what it is without that.
package struct ConfigurationReading: Sendable {
    package let issues: [ConfigurationIssue]
    /// With defaults in the place of values that aren't right; nil when the plugins that are meant can't be told.
    package let configuration: Configuration?
    /// Plugins with a value that isn't right.
    package let refused: Set<PluginID>

    /// - Parameter isForStart: whether values with which no server could start on this machine are refused, too.
    package init(_ catalog: PluginCatalog, _ sources: ConfigurationSources, isForStart: Bool = true) {
        let resolver = ConfigurationResolver(catalog, sources, isForStart: isForStart)
        refused = Set(
            catalog.plugins.map { $0.id }.filter { id in
                resolver.refused.contains { $0.hasPrefix("\(id).") }
            })
        do throws(SettingError) {
            let configuration = try Configuration(resolver, sources.file)
            self.configuration = resolver.knowsPlugins ? configuration : nil
            issues = resolver.issues
        } catch {
            // Not reached: what is set was checked, and all have defaults.
            configuration = nil
            issues = resolver.issues + [ConfigurationIssue(.nowhere, error.description)]
        }
    }
}
