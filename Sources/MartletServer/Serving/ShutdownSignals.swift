import Logging
import MartletKernel
import UnixSignals

/// What signals do to a server: the first lets it finish, a second one doesn't.
struct ShutdownSignals: Sendable {
    let server: RunningServer
    /// Ends the process with a status, at once.
    let end: @Sendable (CInt) -> Void

    /// Returns when it is cancelled.
    func obey(_ signals: any Signals) async {
        await withTaskGroup(of: Void.self) { tasks in
            for await signal in signals {
                let current = server.current
                guard !server.isEnding else {
                    current.logger.warning("ended by a second signal", metadata: ["signal": "\(signal)"])
                    end(128 + signal.rawValue)
                    continue
                }
                current.logger.info(
                    "shutting down; a second signal ends the process at once",
                    metadata: ["signal": "\(signal)", "grace": "\(current.grace.text)"])
                server.end()
                tasks.addTask { await StopDeadline(end: end).pass(current) }
            }
            tasks.cancelAll()
        }
    }
}
