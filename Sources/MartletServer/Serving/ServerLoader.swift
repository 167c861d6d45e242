import MartletKernel

/// Makes servers from what the command line names: as often as asked, as their files are at that time.
struct ServerLoader: Sendable {
    private let options: ConfigurationOptions
    private let martlet: Martlet
    private let keepsSpare: Bool
    /// One for all, as a server's log goes on while the next one is made.
    private let output: LogOutput

    /// - Parameter keepsSpare: whether each server comes with a second one to go back to.
    init(_ options: ConfigurationOptions, _ martlet: Martlet, keepsSpare: Bool) {
        self.options = options
        self.martlet = martlet
        self.keepsSpare = keepsSpare
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
        let spare = keepsSpare ? try Kernel(configuration, logger: log) : nil
        return LoadedServer(kernel: kernel, log: log, spare: spare)
    }
}
