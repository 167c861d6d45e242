import DequeModule
import Logging
import MartletKernel

/// Gives transactions to the connection that commits them in batches, or each to one of its own, and their answers back.
final class WriteQueue: TurnTaker, ConnectionUser {
    /// How many batches have savepoints after one with an error: clients that send one mistake send more.
    private static let doubt = 16
    /// Transactions that share a commit.
    private static let largestBatch = 64
    /// How often all that wait are looked at for those whose time is over.
    private static let sweepPause = Duration.milliseconds(20)

    private let catalog: Catalog
    private let thread: EventThread
    private let availability: Availability
    private let singles: SingleTransactions
    private let inbox: Inbox<WriteRequest>
    private var waiting = Deque<WriteRequest>()
    private var connection: Connection?
    /// Why there is no connection, once an attempt to have one has failed.
    private var outage: PostgresError?
    private var running: RunningBatch?
    private var nextSweep = ContinuousClock.now
    private var held = HeldRecords()
    /// The time of transactions with idempotency keys.
    private(set) var transactionClock: TransactionClock
    /// Batches that are still to have savepoints, as one before them had an error.
    private var batchesInDoubt = 0

    init(
        _ inbox: Inbox<WriteRequest>, _ catalog: Catalog, _ thread: EventThread, _ availability: Availability,
        _ singles: SingleTransactions, _ clock: WallClock
    ) {
        transactionClock = TransactionClock(clock)
        self.catalog = catalog
        self.thread = thread
        self.availability = availability
        self.inbox = inbox
        self.singles = singles
    }
}

// MARK: - From any thread

extension Inbox<WriteRequest> {
    func commit(
        _ transaction: Transaction, until deadline: ContinuousClock.Instant
    ) async throws(StorageError) -> CommitResult {
        let waiter = Abandonment()
        let answer = await waiter.watching {
            await withCheckedContinuation { submit(WriteRequest(transaction, until: deadline, for: waiter, $0)) }
        }
        return try answer.get()
    }

    private func submit(_ request: WriteRequest) {
        if let refusal = offer(request) { request.answer(.failure(refusal)) }
    }
}

extension WriteQueue {
    var hasWork: Bool { inbox.hasNew }

    // MARK: - The connection

    func opened(_ connection: Connection) {
        self.connection = connection
        outage = nil
        availability.opened(.writes)
    }

    func lost(_ connection: Connection, _ error: PostgresError) {
        self.connection = nil
        availability.lost(.writes)
    }

    func connectingFailed(_ error: PostgresError) {
        outage = error
        availability.connectingFailed(error)
    }

    // MARK: - Turns

    func takeTurn(_ now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        for request in inbox.take() { waiting.append(request) }
        if now >= nextSweep { sweep(now) }
        if let connection, running == nil, connection.isRetired, !connection.isExpecting {
            connection.releaseBuffers()
        }
        if let connection, running == nil, !connection.isRetired, !waiting.isEmpty { commitBatch(on: connection, now) }
        return running != nil || !waiting.isEmpty ? now + Self.sweepPause : nil
    }

    /// Answers those whose time is over. A request that is tried again comes after newer ones.
    private func sweep(_ now: ContinuousClock.Instant) {
        nextSweep = now + Self.sweepPause
        if let running { expire(running, now) }
        waiting.removeAll { request in
            if request.deadline <= now {
                answer(request, .failure(.timedOut(waitingFor: wait)))
                return true
            }
            guard connection == nil, running == nil, let outage else { return false }
            answer(request, .failure(.unavailable(outage.description)))
            return true
        }
    }

    private var wait: String {
        if let running {
            return running.progress.isCommitting
                ? "PostgreSQL to commit earlier writes" : "PostgreSQL's answer to earlier writes"
        }
        return "a connection to PostgreSQL"
    }

    /// Before the commit is sent, all of the batch can be done again without the one whose time is over. Afterwards each is waited
    /// for until its own deadline.
    private func expire(_ running: RunningBatch, _ now: ContinuousClock.Instant) {
        let late = running.requests.indices.filter { index in
            let request = running.requests[index]
            return !request.isAnswered && request.deadline + ExclusiveConnections.grace <= now
        }
        guard !late.isEmpty else { return }
        guard running.progress.isCommitting else {
            connection?.lose(.timedOut(waitingFor: "PostgreSQL's answer to a change"))
            return
        }
        for index in late {
            let error: StorageError =
                running.progress.areWritten[index]
                ? .outcomeUnknown(Self.commitTimeout.description) : StorageError(Self.commitTimeout)
            answer(running.requests[index], .failure(error))
        }
        if running.requests.allSatisfy(\.isAnswered) { connection?.lose(Self.commitTimeout) }
    }

    private static let commitTimeout = PostgresError.timedOut(waitingFor: "PostgreSQL's answer to a commit")

    private func commitBatch(on connection: Connection, _ now: ContinuousClock.Instant) {
        var requests: [WriteRequest] = []
        while requests.count < Self.largestBatch, let request = waiting.popFirst() {
            if request.waiter.isAbandoned {
                answer(request, .failure(.unavailable("nobody waits for it")))
            } else if WriteBatch.takes(request.transaction), !held.contains(oneOf: request.transaction, now) {
                requests.append(request)
            } else {
                commitAlone(request)
            }
        }
        guard !requests.isEmpty else { return }
        let running = RunningBatch(requests)
        self.running = running
        let batch = WriteBatch(
            catalog, requests.map(\.transaction), on: connection, isHopeful: batchesInDoubt == 0, running.progress)
        let confined = Confined((self, batch), to: thread)
        Task(executorPreference: thread) { [requests] in
            await confined.withValue { await $0.commit($1, of: requests) }
        }
    }

    private func commit(_ batch: WriteBatch, of requests: [WriteRequest]) async {
        let (outcomes, hasFailed) = await batch.commit()
        batchesInDoubt = hasFailed ? Self.doubt : max(0, batchesInDoubt - 1)
        for (request, outcome) in zip(requests, outcomes) { settle(request, outcome) }
        running = nil
    }

    private func settle(_ request: WriteRequest, _ outcome: WriteBatch.Outcome) {
        guard !request.isAnswered else { return }
        switch outcome {
        case .answer(let answer): self.answer(request, answer)
        case .alone(let isHeld):
            if isHeld { held.insert(request.transaction, .now) }
            commitAlone(request)
        case .lost(let error): lost(request, error)
        }
    }

    /// Nothing of it was done.
    private func lost(_ request: WriteRequest, _ error: PostgresError) {
        request.losses += 1
        let isLate = request.deadline <= .now
        if request.losses < 3, !isLate {
            waiting.append(request)
        } else {
            answer(request, .failure(StorageError(error)))
        }
    }

    private func commitAlone(_ request: WriteRequest) {
        let confined = Confined(self, to: thread)
        Task(executorPreference: thread) { await confined.withValue { await $0.finishAlone(request) } }
    }

    private func finishAlone(_ request: WriteRequest) async {
        answer(request, await singles.commit(request.transaction, until: request.deadline))
    }

    private func answer(_ request: WriteRequest, _ answer: WriteRequest.Answer) {
        if case .success(.committed) = answer {
            availability.committed()
            if request.transaction.idempotency != nil { transactionClock.set(by: request.transaction) }
        }
        inbox.answered(1)
        request.answer(answer)
    }
}

/// A batch on its way, with the requests whose transactions it commits.
private final class RunningBatch {
    let requests: [WriteRequest]
    let progress = CommitProgress()

    init(_ requests: [WriteRequest]) {
        self.requests = requests
    }
}

/// How far a batch has come.
final class CommitProgress {
    /// The commit may have been sent.
    private(set) var isCommitting = false
    /// Which of its transactions it commits.
    private(set) var areWritten: [Bool] = []

    func beginCommit(of areWritten: [Bool]) {
        (isCommitting, self.areWritten) = (true, areWritten)
    }

    /// Nothing was committed, and the batch is done again.
    func endAttempt() {
        isCommitting = false
    }
}
