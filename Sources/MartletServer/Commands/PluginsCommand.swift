import ArgumentParser
import MartletKernel

/// `martlet plugins`
struct PluginsCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "plugins", abstract: "Prints every plugin with its settings, and which are in use.",
        discussion:
            "Of a setting: its key and default, what it does, what it takes, and the environment variables that set it."
    )

    @OptionGroup var options: ConfigurationOptions

    func run(in martlet: Martlet) async throws {
        // The list is what one needs to mend a configuration that isn't valid: so it comes first, whatever is wrong.
        let result = Result { try options.resolve(in: martlet, isForStart: false) }
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
        for setting in settings {
            let key = "\(path).\(setting.name)"
            let variables = ConfigurationSources.environmentVariables(for: setting, at: key).joined(separator: ", ")
            console.output("  \(key) \(Self.standard(setting))")
            console.output("      \(setting.help)")
            console.output("      Takes \(setting.typeName). \(variables)")
        }
    }

    private static func standard(_ setting: any SettingDescription) -> String {
        switch setting.defaultText {
        case nil: "(required)"
        case "": "(not set)"
        case let text?: setting.isSecret ? "(secret)" : "= \(text)"
        }
    }
}
