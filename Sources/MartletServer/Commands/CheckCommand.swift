import ArgumentParser
import MartletKernel
import MartletModel

/// `martlet check`
struct CheckCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Tells all that is wrong with the configuration, without starting.",
        discussion: "It opens no address, and the storage only with --database.")

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Also tells which filters and sorts of each resource an index serves.")
    var queries = false

    @Flag(help: "Also asks the database whether a start would be refused, and what it would do. Changes nothing.")
    var database = false

    func run(in martlet: Martlet) async throws {
        let kernel = try options.load(in: martlet, isForStart: true)
        let configuration = kernel.configuration
        let plugins = configuration.plugins.map { $0.id.description }.joined(separator: ", ")
        martlet.console.output("\(configuration.file ?? "built-in defaults"): valid, with \(plugins)")
        if database { tell(try await kernel.checkStorage(), martlet.console) }
        if queries { tell(kernel.values(of: .resources), martlet.console) }
    }

    private func tell(_ migration: Migration, _ console: Console) {
        console.output(migration.isNothing ? "database: fits the resources" : "database: a start can migrate it")
        for repair in migration.repairs { console.output("  would be made again: \(repair)") }
        for change in migration.changes { console.output("  would be done: \(change.summary)") }
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
