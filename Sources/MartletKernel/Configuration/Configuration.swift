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
    public let warnings: [String]
    private let values: [String: ConfiguredValue]

    /// - Throws: ``ConfigurationError`` with all that is wrong.
    public init(_ catalog: PluginCatalog, from sources: ConfigurationSources) throws(ConfigurationError) {
        let resolver = ConfigurationResolver(catalog, sources)
        let values = resolver.values
        var issues = resolver.issues
        do throws(SettingError) {
            kernel = try KernelSettings { values[$0]?.text }
        } catch {
            // Not reached: what is set was checked, and all have defaults.
            issues.append(ConfigurationIssue(.nowhere, error.description))
            throw ConfigurationError(issues: issues)
        }
        guard issues.isEmpty else { throw ConfigurationError(issues: issues) }
        self.catalog = catalog
        self.values = values
        plugins = resolver.plugins
        file = sources.file.map(absolutePath)
        warnings = resolver.warnings
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
