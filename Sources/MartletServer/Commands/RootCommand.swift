import ArgumentParser
import MartletKernel

/// A subcommand: parsed by ArgumentParser, and run with what ``Martlet`` knows.
protocol Command: ParsableCommand {
    func run(in martlet: Martlet) async throws
}

/// `martlet`
struct RootCommand: ParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: programName,
            abstract: "A typed, validated and documented API on a database.",
            discussion: """
                Without a subcommand it serves. Settings come, first wins, from --set, the environment, the \
                configuration file and defaults; without --config the file is config/martlet.yaml, if it is there.

                EXAMPLES:
                  \(programName)
                  \(programName) --set transport.http.port=8080 --set log.level=debug
                  \(programName) serve --watch
                  \(programName) check --config production.yaml
                  \(programName) migrate --plan
                  \(programName) openapi > openapi.json
                  \(programName) schema --swift users > User.swift
                  MARTLET_STORAGE_USE=sqlite \(programName) serve

                EXIT STATUS:
                  0   done; serve: told to end, and finished what was under way
                  64  the command line is wrong
                  69  the storage or the listen address can't be had; a migration was refused
                  70  a bug, or plugins that took too long to stop
                  78  the configuration is wrong
                  serve that is ended by a second signal: 128 and the signal's number
                """,
            version: Martlet.version,
            subcommands: [
                ServeCommand.self, CheckCommand.self, MigrateCommand.self, OpenAPICommand.self, PluginsCommand.self,
                RoutesCommand.self,
                SchemaCommand.self,
            ],
            defaultSubcommand: ServeCommand.self)
    }

    /// What to say of a first argument that is no command; nil when it is one, or an option.
    static func unknownCommand(_ name: String) -> String? {
        let known = configuration.subcommands.compactMap { $0.configuration.commandName }.sorted() + ["help"]
        guard !name.hasPrefix("-"), !known.contains(name) else { return nil }
        let nearest = nearestName(to: name, among: known).map { ": did you mean \($0)?" } ?? ""
        return """
            unknown command \(quoted(name))\(nearest)
            Usage: \(programName) <command> [options], where the command is one of: \(known.joined(separator: ", "))
            See '\(programName) --help'.
            """
    }

    /// As it was called, for a program of any name.
    private static var programName: String {
        CommandLine.arguments.first?.split(separator: "/").last.map(String.init) ?? "martlet"
    }
}

/// What every command takes that reads the configuration.
struct ConfigurationOptions: ParsableArguments {
    @Option(help: "The configuration file (YAML). Default: config/martlet.yaml, if it is there.")
    var config: String?

    @Option(help: ArgumentHelp("Sets a value, such as log.level=debug. Can be repeated.", valueName: "key=value"))
    var set: [String] = []

    /// - Parameter isForStart: whether a server is to start with it. Commands that only print something need no folder to
    ///   write to.
    /// - Throws: `ConfigurationError` with all that is wrong; `WiringError` for a list of plugins that can't be.
    func resolve(in martlet: Martlet, isForStart: Bool) throws -> Configuration {
        if config?.isEmpty == true {
            throw CommandError(description: "--config is empty: name a file, or leave it out")
        }
        if file(in: martlet) == nil, let misnamed = martlet.misnamedFile {
            let reason = "is not read: name it config/martlet.yaml, or say --config \(misnamed)"
            throw ConfigurationError(issues: [ConfigurationIssue(.wholeFile(misnamed), reason)])
        }
        let reading = ConfigurationReading(
            try PluginCatalog(martlet.plugins),
            ConfigurationSources(file: file(in: martlet), set: set, environment: martlet.environment),
            isForStart: isForStart)
        guard reading.issues.isEmpty, var configuration = reading.configuration else {
            // Also what is wrong in files that plugins read, so that nobody mends the one only to hear of the other.
            throw ConfigurationError(issues: reading.issues + Kernel.mistakes(in: reading))
        }
        if file(in: martlet) == nil, let likely = martlet.likelyFile {
            configuration.add(
                warning: "\(likely) is not read: to use it, say --config \(likely) or move it to config/martlet.yaml")
        }
        return configuration
    }

    /// The configuration file; nil when there is none.
    func file(in martlet: Martlet) -> String? {
        config ?? martlet.standardFile
    }

    /// Every plugin in use, made but not started.
    /// - Parameter isForStart: all that a start would refuse is refused here.
    func load(in martlet: Martlet, isForStart: Bool) throws -> Kernel {
        let configuration = try resolve(in: martlet, isForStart: isForStart)
        warn(configuration.warnings, in: martlet)
        // What plugins say while they are made is for the log of a server, not for a command's answer.
        let kernel = try Kernel(configuration, logger: LineLogHandler.none)
        warn(kernel.values(of: .warnings), in: martlet)
        return kernel
    }

    private func warn(_ warnings: [String], in martlet: Martlet) {
        for warning in warnings { martlet.console.error("warning: \(warning)") }
    }
}
