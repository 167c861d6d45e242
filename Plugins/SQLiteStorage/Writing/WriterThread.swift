import Logging
import MartletKernel

/// The loop of the thread that owns the writing connection: takes all that waits, commits it at once, answers.
///
/// Many transactions share one commit, and so one sync of the disk. Each is in a savepoint of its own: one that is
/// refused takes nothing back but itself.
///
/// `@unchecked Sendable`: after `init` all is used on that thread alone.
final class WriterThread: @unchecked Sendable {
    /// What the thread needs to look after its database.
    struct Care: Sendable {
        let synchronous: Synchronous
        /// How long nothing was written before the log is emptied.
        let idlePause: Duration
        /// How often old idempotency entries are looked for while nothing is written.
        let purgePause: Duration
        let logger: Logger
        let clock: WallClock
        /// Opens another writing connection in place of one that failed.
        let reopen: @Sendable () throws(SQLiteError) -> WritingConnection
        /// Waits, a little, for the reads of this moment.
        let waitForPresentReads: @Sendable () -> Void
    }

    /// Transactions that share a commit: what waits behind a full batch waits for its sync too.
    private static let largestBatch = 512
    /// How long a failed disk is left alone before the next attempt.
    private static let recoveryPause = Duration.seconds(1)

    var connection: WritingConnection
    let anchor: ReadAnchor
    let care: Care
    /// The connection has failed: no write until there is another one.
    var isBroken = false
    /// The log may hold pages: those of an earlier run, at the beginning.
    var hasLog = true
    /// There may be idempotency entries that grow old.
    var hasIdempotencyEntries = true
    private let queue: BoundedQueue<WriteRequest>
    private let state: WriterState

    init(
        _ connection: WritingConnection, _ anchor: ReadAnchor, _ queue: BoundedQueue<WriteRequest>,
        _ state: WriterState, _ care: Care
    ) {
        self.connection = connection
        self.anchor = anchor
        self.queue = queue
        self.state = state
        self.care = care
    }

    func run() {
        anchor.moveOn()
        while true {
            switch queue.take(atMost: Self.largestBatch, waiting: pause) {
            case .elements(let batch): commit(batch)
            case .nothing: lookAfterDatabase()
            case .closed:
                anchor.close()
                connection.close()
                return state.finish()
            }
        }
    }

    private var pause: Duration? {
        if case .notReady = state.health { return Self.recoveryPause }
        if hasLog { return care.idlePause }
        return hasIdempotencyEntries ? care.purgePause : nil
    }

    // MARK: - Batches

    private func commit(_ batch: [WriteRequest]) {
        do throws(StorageError) {
            if isBroken { try reopen() }
            let answers = try commitTogether(batch)
            // A batch of refusals has written nothing, and says nothing of the disk.
            if answers.contains(where: \.isCommitted) {
                setHealth(.ready)
                hasLog = true
                if batch.contains(where: { $0.transaction.idempotency != nil }) { hasIdempotencyEntries = true }
            }
            for (request, answer) in zip(batch, answers) { request.continuation.resume(returning: answer) }
        } catch {
            for request in batch { request.continuation.resume(returning: .failure(error)) }
        }
        anchor.moveOn()
        if !isBroken && connection.isCheckpointDue() { checkpoint() }
    }

    /// - Throws: what all of the batch are answered.
    private func commitTogether(_ batch: [WriteRequest]) throws(StorageError) -> [WriteRequest.Answer] {
        var answers: [WriteRequest.Answer] = []
        answers.reserveCapacity(batch.count)
        do throws(SQLiteError) {
            try connection.beginBatch()
        } catch let error where error.isLock {
            // Another process writes. Nothing is wrong with the connection.
            throw StorageError(error)
        } catch {
            throw recover(from: error, atCommit: false)
        }
        do throws(SQLiteError) {
            for request in batch { answers.append(try connection.run(request.transaction)) }
        } catch {
            throw recover(from: error, atCommit: false)
        }
        do throws(SQLiteError) {
            try connection.commitBatch()
        } catch {
            throw recover(from: error, atCommit: true)
        }
        return answers
    }

    /// Tells operators of a change for the worse or the better.
    func setHealth(_ health: Health) {
        guard health != state.health else { return }
        switch health {
        case .ready: care.logger.notice("the database takes writes again")
        case .notReady(let reason): care.logger.error("the database takes no writes", metadata: ["reason": "\(reason)"])
        }
        state.health = health
    }

    var isHealthy: Bool { state.health == .ready }
}

extension WriteRequest.Answer {
    fileprivate var isCommitted: Bool {
        if case .success(.committed) = self { true } else { false }
    }
}
