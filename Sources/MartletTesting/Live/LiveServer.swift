import Foundation
import Synchronization

/// A real server, started from its executable on a free port, in a temporary folder of its own.
///
/// ```swift
/// let server = try await LiveServer()
/// let client = try MartletClient(server.url)
/// …
/// #expect(try await server.terminate() == .exited(0))
/// ```
/// The folder is the server's working directory. It is removed, and the server killed, when the last reference is gone
/// or the test's process ends.
public final class LiveServer: Sendable {
    /// What the server runs with.
    public let configuration: Configuration
    /// The server's working directory.
    public let folder: TemporaryFolder
    private let executable: String
    private let state = Mutex(State())

    private struct State {
        var process: ChildProcess?
        var url = ""
        /// Each start logs to a file of its own.
        var starts = 0
    }

    /// Starts a server and waits until it listens.
    /// - Parameters:
    ///   - executable: its path; unless given what ``Executable/martlet`` finds.
    ///   - configuration: what it runs with.
    /// - Throws: ``LiveServerError``, with the server's log, when it ends instead or isn't ready within ``Configuration/startLimit``.
    public init(executable: String? = nil, configuration: Configuration = Configuration()) async throws {
        self.executable = try executable ?? Executable.martlet
        folder = try TemporaryFolder()
        self.configuration = try await configuration.placed(in: folder)
        try await start()
    }

    /// Where it listens, such as `http://127.0.0.1:41234`: another port after each start.
    public var url: String { state.withLock { $0.url } }

    /// Its process id; 0 once it has ended.
    public var pid: Int32 { process?.pid ?? 0 }

    /// What it has logged since its last start, one JSON object a line.
    public var log: String { Self.text(of: logFile) }

    /// Sends a signal, if it runs.
    public func send(_ signal: Int32) {
        process?.send(signal)
    }

    /// Tells it to end (SIGTERM) and waits until it has.
    /// - Returns: how it ended.
    /// - Throws: ``LiveServerError`` when it still runs after that time; it is killed then.
    @discardableResult
    public func terminate(within time: Duration = .seconds(30)) async throws -> ChildProcess.Ending {
        send(SIGTERM)
        return try await ending(within: time)
    }

    /// Kills it (SIGKILL) and waits until it is gone.
    public func kill() async throws {
        send(SIGKILL)
        _ = try await ending(within: .seconds(30))
    }

    /// Waits for its end.
    /// - Throws: ``LiveServerError`` when it still runs after that time; it is killed then.
    public func ending(within time: Duration) async throws -> ChildProcess.Ending {
        guard let process else { throw LiveServerError("the server does not run") }
        guard let ending = try await process.ending(within: time) else {
            process.send(SIGKILL)
            throw LiveServerError("the server still runs after \(time). Its log:\n\(log)")
        }
        state.withLock { $0.process = nil }
        return ending
    }

    /// Starts it again in the same folder, after it was told to end if it runs.
    /// - Throws: ``LiveServerError`` as a first start does.
    public func restart() async throws {
        if process != nil { try await terminate() }
        try await start()
    }

    private var process: ChildProcess? { state.withLock { $0.process } }

    private var logFile: String { folder.file("log.\(state.withLock { $0.starts })") }

    private func start() async throws {
        state.withLock { $0.starts += 1 }
        let process = try ChildProcess(
            executable, configuration.commandLine, environment: configuration.environment, in: folder.path, log: logFile
        )
        state.withLock { $0.process = process }
        do {
            let url = try await listeningURL(of: process)
            state.withLock { $0.url = url }
        } catch {
            // Ends with its last reference.
            state.withLock { $0.process = nil }
            throw error
        }
    }

    /// Waits until the log says that all plugins run, and finds the address in it.
    private func listeningURL(of process: ChildProcess) async throws -> String {
        let deadline = ContinuousClock.now + configuration.startLimit
        while true {
            // Looked at once more behind the limit: on a busy machine a short sleep can be longer than that.
            let isLast = ContinuousClock.now >= deadline
            let ending = process.ending
            let lines = LogLine.all(in: log)
            if lines.contains(where: { $0.message == "ready" }),
                let url = lines.lazy.compactMap({ $0.metadata["address"] }).first
            {
                return url
            }
            if let ending { throw LiveServerError("the server ended, \(ending). Its log:\n\(log)", ending) }
            if isLast {
                throw LiveServerError("the server wasn't ready after \(configuration.startLimit). Its log:\n\(log)")
            }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    private static func text(of file: String) -> String {
        (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
    }
}
