import ArgumentParser
import MartletKernel

/// `martlet routes`
struct RoutesCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "routes", abstract: "Prints every route that would be served.")

    @OptionGroup var options: ConfigurationOptions

    func run(in martlet: Martlet) async throws {
        let routes = try options.load(in: martlet, isForStart: false).values(of: .transports).flatMap(\.routes)
        let table = Table(routes.map { [$0.method, $0.path, $0.summary] })
        for line in table.lines { martlet.console.output(line) }
    }
}
