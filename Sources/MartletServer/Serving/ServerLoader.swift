import MartletKernel

/// Makes servers from what the command line names: as often as asked, as their files are at that time.
struct ServerLoader: Sendable {
    private let options: ConfigurationOptions
    private let martlet: Martlet
    private let spareCount: Int
    /// One for all, as a server's log goes on while the next one is made.
    private let output: LogOutput

    /// - Parameter spareCount: how often a server can be gone back to as its files were.
    init(_ options: ConfigurationOptions, _ martlet: Martlet, spareCount: Int) {
        self.options = options
        self.martlet = martlet
        self.spareCount = spareCount
        output = LogOutput(descriptor: martlet.logDescriptor)
    }

    /// Absolute; nil when there is none.
    var configurationFile: String? {
        options.file(in: martlet).map(absolutePath)
    }

    /// Whether a server's log is read by programs.
    func logsJSON(_ server: LoadedServer) -> Bool {
        LineLogHandler.format(server.kernel.configuration.kernel, output) == .json
    }

    /// Writes the lines of the log that wait to be written.
    func flushLog() {
        output.flush()
    }

    /// Opens nothing.
    /// - Throws: all that `martlet check` refuses.
    func load() throws -> LoadedServer {
        let configuration = try options.resolve(in: martlet, isForStart: true)
        let log = LineLogHandler.factory(configuration.kernel, output)
        let kernel = try Kernel(configuration, logger: log)
        // Made now, as plugins read files of their own while they are made: by the time that it is needed, those have
        // changed into what couldn't be started.
        let spares = try (0..<spareCount).map { _ in try Kernel(configuration, logger: log) }
        return LoadedServer(kernel: kernel, log: log, spares: spares)
    }
}
