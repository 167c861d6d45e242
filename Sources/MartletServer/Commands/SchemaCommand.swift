import ArgumentParser
import MartletKernel
import MartletModel

/// `martlet schema`
struct SchemaCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Prints the format of resource files, or a resource as Swift.",
        discussion: """
            The format is JSON Schema (draft 2020-12). Editors check files by it that begin with
            # yaml-language-server: $schema=<where you keep it>
            """)

    @OptionGroup var options: ConfigurationOptions

    @Option(help: ArgumentHelp("Prints this resource as the source of a Swift type.", valueName: "resource"))
    var swift: String?

    func run(in martlet: Martlet) async throws {
        let kernel = try options.load(in: martlet, isForStart: false)
        if let swift {
            let source = SwiftModel(try resource(swift, of: kernel)).source
            // The console ends the last line.
            martlet.console.output(String(source.dropLast()))
        } else {
            guard let format = kernel.values(of: .fileFormats).first else {
                throw CommandError(description: "no plugin in use reads files of a format of its own")
            }
            martlet.console.output(String(decoding: format.jsonSchema, as: UTF8.self))
        }
    }

    private func resource(_ name: String, of kernel: Kernel) throws(CommandError) -> ResourceSchema {
        let resources = kernel.values(of: .resources)
        if let resource = resources.first(where: { $0.name == name }) { return resource }
        let known = resources.map(\.name).sorted().joined(separator: ", ")
        throw CommandError(description: "no resource \(quoted(name)) is in use; in use: \(known)")
    }
}
