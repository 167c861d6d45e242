import Logging

/// The end of a process whose server doesn't stop.
struct StopDeadline: Sendable {
    /// Ends the process with a status, at once.
    let end: @Sendable (CInt) -> Void

    /// Waits for as long as a server may take to stop, and ends the process. Cancel it once the server has stopped.
    ///
    /// A plugin is cancelled at the end of the grace. One that doesn't even heed that must not keep the process.
    func pass(_ server: LoadedServer) async {
        guard (try? await Task.sleep(for: server.grace + .seconds(5))) != nil else { return }
        server.logger.critical("a plugin has not stopped: ending the process")
        end(ExitStatus.bug.rawValue)
    }
}
