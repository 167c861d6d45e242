import CSQLite
import Logging
import MartletKernel
import MartletModel

/// The loop of the thread that owns the writing connection: takes all that waits, commits it at once, answers.
///
/// Many transactions share one commit, and so one sync of the disk. Each is in a savepoint of its own: one that is
/// refused takes nothing back but itself.
///
/// It isn't `Sendable`: who makes it hands it over to the thread, and the compiler sees that nobody else keeps it.
final class WriterThread {
    /// What the thread needs to look after its database.
    struct Care: Sendable {
        let synchronous: Synchronous
        /// How long nothing was written before the log is emptied.
        let idlePause: Duration
        /// How often old idempotency entries are looked for while nothing is written.
        let purgePause: Duration
        /// How often the files are looked at while nothing is written.
        let fileCheckPause: Duration
        /// Bytes of the write-ahead log from which a warning says that it grows.
        let largeLog: Int64
        let logger: Logger
        let clock: WallClock
        /// Opens another writing connection in place of one that failed.
        let reopen: @Sendable () throws(SQLiteError) -> WritingConnection
        /// Waits, a little, for the reads of this moment.
        let waitForPresentReads: @Sendable () -> Void
    }

    /// Transactions that share a commit: what waits behind a full batch waits for its sync too.
    private static let largestBatch = 512
    /// For how long a batch takes in what comes while it runs.
    private static let longestGathering = Duration.milliseconds(5)
    /// How long a failed disk is left alone before the next attempt.
    private static let recoveryPause = Duration.seconds(1)

    var connection: WritingConnection
    let anchor: ReadAnchor
    let care: Care
    var files: DatabaseFileCheck
    let state: WriterState
    /// The connection has failed: no write until there is another one.
    var isBroken = false
    /// The log may hold pages: those of an earlier run, at the beginning.
    var hasLog = true
    /// There may be idempotency entries that grow old.
    var hasIdempotencyEntries = true
    /// When old ones are looked for next.
    var nextPurge = ContinuousClock.now
    /// The log is reported from this size on.
    var nextLogReport: Int64 = 0
    private(set) var lastWrite = ContinuousClock.now
    /// When a lock of another process was met first and last, without a write in between.
    private var lock: (first: ContinuousClock.Instant, last: ContinuousClock.Instant)?
    private static let longestLock = Duration.seconds(3)
    /// The time of transactions with idempotency keys.
    var transactionClock: TransactionClock
    private let queue: BoundedQueue<WriteRequest>
    private let deadlines: WriteDeadlines

    init(
        _ connection: WritingConnection, _ anchor: ReadAnchor, _ files: DatabaseFileCheck,
        _ queue: BoundedQueue<WriteRequest>, _ deadlines: WriteDeadlines, _ state: WriterState, _ care: Care
    ) {
        self.connection = connection
        self.anchor = anchor
        self.files = files
        self.queue = queue
        self.deadlines = deadlines
        self.state = state
        self.care = care
        transactionClock = TransactionClock(care.clock)
        nextPurge += care.purgePause
    }

    func run() {
        anchor.moveOn()
        while true {
            switch queue.take(atMost: Self.largestBatch, waiting: pause) {
            case .elements(let batch): commit(batch)
            case .nothing: runIdleMaintenance()
            case .closed: return end()
            }
            state.setActivity(nil)
        }
    }

    private func end() {
        state.setActivity(.checkpointing)
        anchor.close()
        // The checkpoint of a log that lacks pages would bring what is left of it into a database that is whole.
        connection.close(withCheckpoint: checkLog())
        state.end.open()
    }

    private var pause: Duration {
        guard isHealthy else { return Self.recoveryPause }
        let pause = hasLog ? min(care.idlePause, care.fileCheckPause) : care.fileCheckPause
        return hasIdempotencyEntries ? max(.zero, min(nextPurge - .now, pause)) : pause
    }

    func hasWritten() {
        hasLog = true
        lastWrite = .now
    }

    var isHealthy: Bool { state.health == .ready }

    // MARK: - Batches

    private func commit(_ batch: [WriteRequest]) {
        var batch = batch
        // Each round answers at least one.
        while !batch.isEmpty { batch = commitTogether(batch) }
        deadlines.removeAnswered()
        anchor.moveOn()
        if !isBroken && (isHealthy || connection.schemaProblem != nil) && connection.isCheckpointDue() { checkpoint() }
    }

    /// - Returns: those that have to be done again, since others of the batch couldn't be done with them.
    private func commitTogether(_ first: [WriteRequest]) -> [WriteRequest] {
        state.setActivity(.writing)
        var batch = first
        do throws(StorageError) {
            try checkFiles()
            if isBroken { try reopen() }
            guard try begin(batch) else { return refuseLocked(batch) }
            guard let answers = try runTransactions(&batch) else { return undo(batch) }
            let now = ContinuousClock.now
            guard batch.allSatisfy({ $0.enterCommit(at: now) }) else { return undo(batch) }
            try finishCommit(of: batch)
            answer(batch, answers)
        } catch {
            for request in batch { request.answer(.failure(error)) }
        }
        return []
    }

    /// - Returns: false when another process writes. Nothing is wrong with the connection then.
    private func begin(_ batch: [WriteRequest]) throws(StorageError) -> Bool {
        let start = ContinuousClock.now
        let deadline = batch.lazy.map(\.lockDeadline).min() ?? start
        do throws(SQLiteError) {
            try connection.beginBatch(waiting: deadline - start)
            lock = nil
            try connection.checkSchema()
            if let problem = connection.schemaProblem { state.setHealth(.notReady(problem)) }
            return true
        } catch let error where error.isLock {
            reportLock(since: start)
            return false
        } catch {
            throw recover(from: error, atCommit: false)
        }
    }

    /// A transaction that another process doesn't end makes the server useless for writing.
    private func reportLock(since start: ContinuousClock.Instant) {
        let now = ContinuousClock.now
        // A pause without a write says nothing of the lock.
        if let lock, start - lock.last < .seconds(2) { self.lock = (lock.first, now) } else { lock = (start, now) }
        guard let lock, now - lock.first >= Self.longestLock else { return }
        state.setHealth(.notReady("another process holds the lock for writing, for more than 3 s: end its transaction"))
    }

    private func refuseLocked(_ batch: [WriteRequest]) -> [WriteRequest] {
        // The wait may have ended a little early.
        let now = ContinuousClock.now + .milliseconds(5)
        let error = StorageError.timedOut(waitingFor: "a lock that another transaction holds")
        for request in batch where request.lockDeadline <= now { request.answer(.failure(error)) }
        return batch.filter { !$0.isAnswered }
    }

    /// Takes into the batch what comes meanwhile: it would wait for this commit, and then for one of its own.
    /// - Returns: nil when one was answered meanwhile: none of the batch is to be committed with it.
    private func runTransactions(_ batch: inout [WriteRequest]) throws(StorageError) -> [WriteRequest.Answer]? {
        var answers: [WriteRequest.Answer] = []
        answers.reserveCapacity(batch.count)
        let start = ContinuousClock.now
        do throws(SQLiteError) {
            while true {
                for request in batch[answers.count...] {
                    guard request.begin() else { return nil }
                    answers.append(try connection.run(request))
                }
                guard .now - start < Self.longestGathering else { return answers }
                let more = queue.takePresent(atMost: Self.largestBatch - batch.count)
                guard !more.isEmpty else { return answers }
                batch += more
            }
        } catch let error where error.isInterruption {
            return nil
        } catch {
            if refuseWithoutKeys(batch[answers.count], error) { return nil }
            throw recover(from: error, atCommit: false)
        }
    }

    /// - Returns: false if the error was another one.
    private func refuseWithoutKeys(_ request: WriteRequest, _ error: SQLiteError) -> Bool {
        guard error.primaryCode == SQLITE_FULL,
            let table = try? connection.tableWithoutKeys(for: request.transaction)
        else { return false }
        care.logger.error(
            "a table has given its highest key: no record can be added to it", metadata: ["table": "\(table)"])
        request.answer(.failure(.noKeysLeft(table)))
        return true
    }

    private func undo(_ batch: [WriteRequest]) -> [WriteRequest] {
        do throws(SQLiteError) {
            try connection.abandonBatch()
            return batch.filter { $0.returnToQueue() }
        } catch {
            let error = recover(from: error, atCommit: false)
            for request in batch { request.answer(.failure(error)) }
            return []
        }
    }

    private func finishCommit(of batch: [WriteRequest]) throws(StorageError) {
        state.setActivity(.committing, of: Set(batch.lazy.compactMap { $0.transaction.idempotency?.scope }))
        do throws(SQLiteError) {
            try connection.commitBatch()
        } catch {
            throw recover(from: error, atCommit: true)
        }
    }

    private func answer(_ batch: [WriteRequest], _ answers: [WriteRequest.Answer]) {
        // A batch of refusals has written nothing, and says nothing of the disk.
        guard answers.contains(where: \.isCommitted) else {
            for (request, answer) in zip(batch, answers) { request.answer(answer) }
            return
        }
        hasWritten()
        if let last = batch.last(where: { $0.transaction.idempotency != nil }) {
            hasIdempotencyEntries = true
            transactionClock.set(by: last.transaction)
        }
        var lost: StorageError?
        if let problem = files.problemAfterCommit() {
            state.setHealth(.notReady(problem.description))
            lost = .outcomeUnknown(problem.description)
        } else if connection.schemaProblem == nil {
            state.setHealth(.ready)
        }
        for (request, answer) in zip(batch, answers) {
            if let lost, answer.isCommitted { request.answer(.failure(lost)) } else { request.answer(answer) }
        }
    }
}

extension WriteRequest.Answer {
    fileprivate var isCommitted: Bool {
        if case .success(.committed) = self { true } else { false }
    }
}
