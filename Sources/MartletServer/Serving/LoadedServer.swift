import Logging
import MartletKernel

/// A server that is made, and runs once at most.
struct LoadedServer: Sendable {
    let kernel: Kernel
    /// Makes a logger of a label, as this server's configuration has it.
    let log: @Sendable (String) -> Logger
    /// The same once more, to go back to. Empty when it is never gone back to.
    let spares: [Kernel]

    var logger: Logger { log("kernel") }

    /// For how long what is under way may go on.
    var grace: Duration { kernel.configuration.kernel.grace }

    /// This one, to be started after it has stopped.
    func again() throws(KernelError) -> LoadedServer {
        guard let spare = spares.first else {
            return LoadedServer(kernel: try Kernel(kernel.configuration, logger: log), log: log, spares: [])
        }
        return LoadedServer(kernel: spare, log: log, spares: Array(spares.dropFirst()))
    }
}
