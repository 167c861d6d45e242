import ArgumentParser
import MartletKernel

/// `martlet check`
struct CheckCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Tells all that is wrong with the configuration, without starting.",
        discussion: "It opens neither the storage nor an address.")

    @OptionGroup var options: ConfigurationOptions

    func run(in martlet: Martlet) async throws {
        let configuration = try options.load(in: martlet).configuration
        let plugins = configuration.plugins.map { $0.id.description }.joined(separator: ", ")
        martlet.console.output("\(configuration.file ?? "built-in defaults"): valid, with \(plugins)")
    }
}
