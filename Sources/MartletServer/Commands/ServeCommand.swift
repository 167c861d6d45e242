import ArgumentParser
import Logging
import MartletKernel
import UnixSignals

/// `martlet serve`
struct ServeCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serves until SIGTERM or SIGINT (the default).",
        discussion: """
            A first signal lets requests under way finish, for as long as shutdown.grace says. A second one ends the \
            process at once.
            """)

    @OptionGroup var options: ConfigurationOptions

    func run(in martlet: Martlet) async throws {
        let configuration = try options.resolve(in: martlet)
        let log = LineLogHandler.factory(configuration.kernel, martlet.logDescriptor)
        let kernel = try Kernel(configuration, logger: log)
        // Before the start, so that no signal that comes meanwhile is missed.
        let signals = await martlet.signals()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await obey(signals, kernel, martlet.end, log("kernel")) }
            try await kernel.run()
            tasks.cancelAll()
        }
    }

    private func obey(
        _ signals: any Signals, _ kernel: Kernel, _ end: @escaping @Sendable (CInt) -> Void, _ logger: Logger
    ) async {
        await withTaskGroup(of: Void.self) { tasks in
            var isEnding = false
            for await signal in signals {
                if isEnding {
                    logger.warning("ended by a second signal", metadata: ["signal": "\(signal)"])
                    end(128 + signal.rawValue)
                    continue
                }
                isEnding = true
                let grace = kernel.configuration.kernel.grace
                logger.info(
                    "shutting down; a second signal ends the process at once",
                    metadata: ["signal": "\(signal)", "grace": "\(grace.text)"])
                kernel.shutDown()
                tasks.addTask { await watch(grace, end, logger) }
            }
            tasks.cancelAll()
        }
    }

    /// A plugin that doesn't even heed its cancellation must not keep the process.
    private func watch(_ grace: Duration, _ end: @escaping @Sendable (CInt) -> Void, _ logger: Logger) async {
        guard (try? await Task.sleep(for: grace + .seconds(5))) != nil else { return }
        logger.critical("a plugin has not stopped: ending the process")
        end(ExitStatus.bug.rawValue)
    }
}
