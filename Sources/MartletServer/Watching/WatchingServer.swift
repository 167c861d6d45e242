import Logging
import MartletKernel
import Synchronization

/// Serves, and starts anew when what is watched has changed: `martlet serve --watch`.
///
/// The next server is made while the current one serves; if there is a mistake, that is all. Otherwise the current one
/// drains and stops as on a signal, and only then the next one starts, since both would want the same address and the
/// same database. When it fails to, the one before it takes its place again. When that fails too, as the storage can't be
/// reached, a start is tried again and again, from the files as they are then. After any other failure nothing is served until
/// the next change.
struct WatchingServer: Sendable {
    /// How often a server can be gone back to: once for each change after it with which no server starts, and once when the
    /// storage could not be reached. After that its files are read anew, as they are then.
    static let spareCount = 4

    let loader: ServerLoader
    let server: RunningServer
    let interval: Duration
    /// Ends the process with a status, at once.
    let end: @Sendable (CInt) -> Void

    private struct Successor: Sendable {
        let server: LoadedServer
        let watch: FileWatch
        /// Of the server before it.
        let deadline: Task<Void, Never>
    }

    /// Returns once the server was told to end, and has.
    /// - Parameter watch: the configuration file, as it was before the current server was made.
    /// - Throws: why there is no server to go back to.
    func run(_ watch: FileWatch) async throws {
        var watch = watch
        var current = server.current
        var previous: LoadedServer?
        var hasServed = false
        var retries = Retries(interval: interval)
        watch.follow(paths(of: current))
        while true {
            do {
                guard let next = try await serve(current, watch), server.replace(with: next.server) else { return }
                (previous, current, watch) = (current, next.server, next.watch)
                hasServed = true
                retries = Retries(interval: interval)
            } catch let error as KernelError where error.stage != .run {
                guard hasServed, !server.isEnding else { throw error }
                report(error, to: current.logger)
                // What was served before couldn't reach the storage either, and is kept for when that refuses this one.
                let isStillAway = retries.isUnderWay && error.isTransient
                if !isStillAway, let last = try? previous?.again() {
                    current.logger.warning("could not start: going back to what was served before")
                    (previous, current) = (nil, last)
                } else {
                    let pause = error.isTransient ? retries.nextPause() : nil
                    guard let next = await nextToTry(after: pause, current, watch) else { return }
                    (previous, current, watch) = (previous ?? current, next.server, next.watch)
                }
                guard server.replace(with: current) else { return }
            }
        }
    }

    /// Runs a server until it has stopped.
    /// - Returns: what comes after it; nil when it was told to end.
    private func serve(_ current: LoadedServer, _ watch: FileWatch) async throws -> Successor? {
        let successor = Mutex<Successor?>(nil)
        defer { successor.withLock { $0?.deadline.cancel() } }
        do {
            try await current.kernel.run {
                let next = await self.successor(of: current, watch)
                successor.withLock { $0 = next }
            }
        } catch is CancellationError {
            // It was told to end before all of it had started.
            return nil
        } catch {
            guard let next = successor.withLock({ $0 }) else { throw error }
            // A plugin failed while it drained. All have stopped, and what comes next can't be worse.
            report(error, to: current.logger)
            return next
        }
        return successor.withLock { $0 }
    }

    /// The server to try while none runs.
    /// - Parameter pause: when to try the files as they are; nil when only a change of them may help.
    /// - Returns: nil when it was told to end.
    private func nextToTry(
        after pause: Duration?, _ current: LoadedServer, _ watch: FileWatch
    ) async -> (server: LoadedServer, watch: FileWatch)? {
        var watch = watch
        let logger = current.logger
        if let pause {
            logger.warning("could not start: trying again", metadata: ["pause": "\(pause.text)"])
            let end = ContinuousClock.now + pause
            _ = await watch.change(every: interval) { server.isEnding || ContinuousClock.now >= end }
            guard !server.isEnding else { return nil }
            do {
                let next = try loader.load()
                watch.follow(paths(of: next))
                return (next, watch)
            } catch {
                report(error, to: logger)
            }
        }
        logger.warning("could not start: nothing is served until the next change")
        guard let next = await successor(of: current, watch, isServing: false) else { return nil }
        next.deadline.cancel()
        return (next.server, next.watch)
    }

    /// Waits until another server can be made than the one that runs.
    /// - Returns: nil when the current one is told to end.
    private func successor(
        of current: LoadedServer, _ watch: FileWatch, isServing: Bool = true
    ) async -> Successor? {
        var watch = watch
        let logger = current.logger
        logger.info("watching", metadata: ["paths": .array(watch.paths.map { "\($0)" })])
        while let files = await watch.change(every: interval, unless: { server.isEnding }) {
            logger.info("changed", metadata: ["files": .array(files.map { "\($0)" })])
            do {
                let next = try loader.load()
                watch.follow(paths(of: next))
                logger.info("restarting", metadata: ["grace": "\(current.grace.text)"])
                let deadline = Task { await StopDeadline(end: end).pass(current) }
                return Successor(server: next, watch: watch, deadline: deadline)
            } catch {
                report(error, to: logger)
                let served = isServing ? "what is served stays as it was" : "nothing is served"
                logger.warning("\(served), until the next change")
            }
        }
        return nil
    }

    private func paths(of server: LoadedServer) -> [String] {
        Set(server.kernel.values(of: .watchedPaths)).union([loader.configurationFile].compactMap(\.self)).sorted()
    }

    /// A line of the log for each mistake.
    private func report(_ error: any Error, to logger: Logger) {
        for line in "\(error)".split(separator: "\n") { logger.error("\(line)") }
    }
}

/// Starts that fail as the storage can't be reached, with pauses of 1 s, and then twice as long each time, up to 8 s.
private struct Retries {
    private(set) var isUnderWay = false
    private var pause: Duration
    private let longest: Duration

    /// - Parameter interval: a quarter of a second, but in tests.
    init(interval: Duration) {
        (pause, longest) = (interval * 4, interval * 32)
    }

    mutating func nextPause() -> Duration {
        defer { (isUnderWay, pause) = (true, min(pause * 2, longest)) }
        return pause
    }
}
