import DequeModule
import Logging
import MartletKernel
import MartletModel

/// Ends what PostgreSQL still does for connections that were given up. A backend notices that its client has gone only when it
/// reads or writes: until then it would keep its locks, and its place among `max_connections`. One that waits for a
/// synchronous standby would never notice.
///
/// They are ended by `pg_terminate_backend` on a connection that works, and not by `PQcancel`, which blocks without a deadline
/// (<https://www.postgresql.org/docs/current/libpq-cancel.html>).
final class AbandonedBackends: TurnTaker {
    private struct Entry {
        let backend: Backend
        let reason: PostgresError
    }

    /// Beyond it the oldest are left to themselves.
    private static let bound = 64
    private static let pause = Duration.seconds(1)
    /// What a commit waits for that no synchronous standby has confirmed
    /// (<https://www.postgresql.org/docs/current/monitoring-stats.html>).
    private static let standby = "IPC: SyncRep"

    private let logger: Logger
    private let availability: Availability
    private var entries = Deque<Entry>()
    private var next = ContinuousClock.now
    private(set) var isRunning = false
    private var isClosed = false
    /// Ends one: what it waited for, or nil when it was gone already.
    var terminate: ((Backend) async throws(StorageError) -> String?)?
    private unowned let thread: EventThread

    init(_ logger: Logger, _ thread: EventThread, _ availability: Availability) {
        (self.logger, self.availability) = (logger, availability)
        self.thread = thread
    }

    func add(_ backend: Backend, _ reason: PostgresError) {
        guard !isClosed else { return }
        if entries.count == Self.bound { entries.removeFirst() }
        entries.append(Entry(backend: backend, reason: reason))
    }

    func close() {
        isClosed = true
    }

    func takeTurn(_ now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        guard !entries.isEmpty, !isClosed else { return nil }
        guard !isRunning, now >= next else { return isRunning ? nil : next }
        isRunning = true
        let confined = Confined(self, to: thread)
        Task(executorPreference: thread) { await confined.withValue { await $0.run() } }
        return nil
    }

    var hasWork: Bool { false }

    /// Until all are ended, or PostgreSQL doesn't answer: then they are tried again later.
    private func run() async {
        defer { (isRunning, next) = (false, .now + Self.pause) }
        while let entry = entries.first, !isClosed, let terminate {
            do throws(StorageError) {
                let wait = try await terminate(entry.backend)
                if let wait { log(entry, wait) }
            } catch {
                return
            }
            if entries.first?.backend == entry.backend { entries.removeFirst() }
        }
    }

    private func log(_ entry: Entry, _ wait: String) {
        let isKnown = availability.lacksStandby
        if wait == Self.standby, entry.reason.isTimeout { availability.missesStandby() }
        logger.log(
            level: entry.reason.isTimeout && !isKnown ? .warning : .debug,
            "a statement was given up, and its connection to PostgreSQL ended",
            metadata: [
                "reason": "\(entry.reason)", "process": "\(entry.backend.process)", "waited for": "\(wait)",
            ])
    }
}
