import ArgumentParser
import MartletKernel

/// `martlet openapi`
struct OpenAPICommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "openapi", abstract: "Prints the OpenAPI document of what would be served.")

    @OptionGroup var options: ConfigurationOptions

    func run(in martlet: Martlet) async throws {
        let kernel = try options.load(in: martlet, isForStart: false)
        guard let document = kernel.values(of: .transports).lazy.compactMap(\.openAPI).first else {
            throw CommandError(description: "no transport in use has an OpenAPI document")
        }
        martlet.console.output(String(decoding: document, as: UTF8.self))
    }
}
