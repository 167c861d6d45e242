import ArgumentParser
import MartletKernel

/// `martlet serve`
struct ServeCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serves until SIGTERM, SIGINT or SIGHUP (the default).",
        discussion: """
            A first signal lets requests under way finish, for as long as shutdown.grace says. A second one ends the \
            process at once.

            With --watch the server starts anew when the configuration file has changed, or a file that a plugin in \
            use was made from. They are looked at four times a second, and a change counts once two looks have seen \
            the same. As long as there is a mistake in it, the log tells what is wrong, and the server runs on as it \
            was. Otherwise the server finishes what is under way, as after a signal, and the new one takes its place; \
            if that can't start, the one before it does again. Where neither can, as the database can't be reached, \
            a start is tried again every few seconds. Signals work at any time of this.

            With --wait a database that can't be reached yet is tried again each second, for as long as that says: where \
            both are started together, the server may come first. What only a person can fix, such as a wrong password \
            or a migration that would lose data, ends the server at once.
            """)

    @OptionGroup var options: ConfigurationOptions

    @Flag(help: "Starts anew when the configuration, or a file that a plugin was made from, has changed.")
    var watch = false

    @Option(help: ArgumentHelp("How long to try for a database that can't be reached yet.", valueName: "duration"))
    var wait: String?

    func validate() throws {
        guard let wait, Duration(text: wait) == nil else { return }
        throw ValidationError("--wait takes \(Duration.typeName), not \(quoted(wait)).")
    }

    func run(in martlet: Martlet) async throws {
        let loader = ServerLoader(options, martlet, spareCount: watch ? WatchingServer.spareCount : 0)
        defer { loader.flushLog() }
        let end = { @Sendable (status: CInt) in
            loader.flushLog()
            martlet.end(status)
        }
        // Looked at before it is read, so that no change is missed.
        let files = watch ? FileWatch([loader.configurationFile].compactMap(\.self)) : nil
        let server = RunningServer(try loader.load())
        // Before the start, so that no signal that comes meanwhile is missed.
        let signals = await martlet.signals()
        do {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { await ShutdownSignals(server: server, end: end).obey(signals) }
                try await StorageWait(
                    loader: loader, server: server, limit: wait.flatMap { Duration(text: $0) } ?? .zero
                )
                .run {
                    if let files {
                        try await WatchingServer(
                            loader: loader, server: server, interval: martlet.watchInterval, end: end
                        ).run(files)
                    } else {
                        try await server.current.kernel.run()
                    }
                }
                tasks.cancelAll()
            }
        } catch let error as KernelError where loader.logsJSON(server.current) {
            throw LoggedError(error, to: server.current.logger)
        }
    }
}
