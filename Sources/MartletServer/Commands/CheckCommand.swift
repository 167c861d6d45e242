import ArgumentParser
import MartletKernel
import MartletModel

/// `martlet check`
struct CheckCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Tells all that is wrong with the configuration, without starting.",
        discussion: "It opens neither the storage nor an address.")

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Also tells which filters and sorts of each resource an index serves.")
    var queries = false

    func run(in martlet: Martlet) async throws {
        let kernel = try options.load(in: martlet)
        let configuration = kernel.configuration
        let plugins = configuration.plugins.map { $0.id.description }.joined(separator: ", ")
        martlet.console.output("\(configuration.file ?? "built-in defaults"): valid, with \(plugins)")
        if queries { tell(kernel.values(of: .resources), martlet.console) }
    }

    private func tell(_ resources: [ResourceSchema], _ console: Console) {
        for resource in resources.sorted(by: { $0.name < $1.name }) {
            let queries = ServedQueries(resource)
            console.output("")
            console.output(resource.name)
            for line in Table(queries.served).lines { console.output("  \(line)") }
            if let unserved = queries.unserved { console.output("  no index: \(unserved)") }
        }
        console.output("")
        for line in ServedQueries.explanation { console.output(line) }
    }
}
