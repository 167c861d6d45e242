import ArgumentParser
import MartletKernel

/// `martlet plugins`
struct PluginsCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "plugins", abstract: "Prints every plugin with its settings, and which are in use.",
        discussion:
            "A setting's line: its key, what it takes, its default, what it does, and the environment variables that set it."
    )

    @OptionGroup var options: ConfigurationOptions

    func run(in martlet: Martlet) async throws {
        // The list is what one needs to mend a configuration that isn't valid: so it comes first, whatever is wrong.
        let result = Result { try options.resolve(in: martlet) }
        let inUse = Set((try? result.get())?.plugins.map { $0.id } ?? [])
        for plugin in martlet.plugins {
            let state = inUse.contains(plugin.id) ? " (in use)" : ""
            show("\(plugin.id)\(state): \(plugin.summary)", plugin.id.description, plugin.settings, martlet.console)
        }
        for (section, settings) in KernelSettings.sections.sorted(by: { $0.key < $1.key }) {
            show("\(section): settings of the kernel", section, settings, martlet.console)
        }
        _ = try result.get()
    }

    private func show(_ title: String, _ path: String, _ settings: [any SettingDescription], _ console: Console) {
        console.output(title)
        let rows = settings.map { setting in
            let key = "\(path).\(setting.name)"
            return [
                "  \(key)", setting.typeName, Self.standard(setting), setting.help,
                "[\(ConfigurationSources.environmentVariables(for: setting, at: key).joined(separator: ", "))]",
            ]
        }
        for line in Table(rows).lines { console.output(line) }
    }

    private static func standard(_ setting: any SettingDescription) -> String {
        switch setting.defaultText {
        case nil: "required"
        case "": "not set"
        case let text?: setting.isSecret ? "secret" : text
        }
    }
}
