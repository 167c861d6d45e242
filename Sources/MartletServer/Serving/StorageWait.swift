import Logging
import MartletKernel

/// Starts a server again for as long as its storage can't be reached, within a limit: `martlet serve --wait 30s`. What no wait
/// mends, such as a refused migration, ends it at once.
struct StorageWait: Sendable {
    let loader: ServerLoader
    let server: RunningServer
    let limit: Duration

    /// - Parameter serve: starts the current server, and returns once it has stopped.
    func run(_ serve: () async throws -> Void) async throws {
        let end = ContinuousClock.now + limit
        while true {
            do {
                return try await serve()
            } catch let error as KernelError where error.isTransient && ContinuousClock.now < end {
                for line in "\(error)".split(separator: "\n") { server.current.logger.warning("\(line)") }
                server.current.logger.warning(
                    "trying again", metadata: ["left": "\((end - ContinuousClock.now).wholeSeconds.text)"])
                try await Task.sleep(for: .seconds(1))
                // Its plugins have stopped for good: others take their place, by the files as they are now.
                guard server.replace(with: try loader.load()) else { return }
            }
        }
    }
}

extension Duration {
    fileprivate var wholeSeconds: Duration { .seconds(components.seconds) }
}

/// An error that ended a server and is in its log already, as its log is read by programs.
struct LoggedError: Error {
    let kind: KernelError.Kind

    init(_ error: KernelError, to logger: Logger) {
        kind = error.kind
        for line in error.description.split(separator: "\n") { logger.critical("\(line)") }
    }
}
