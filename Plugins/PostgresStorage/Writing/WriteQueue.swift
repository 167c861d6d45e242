import Logging
import MartletKernel

/// Gives transactions to the connection that commits them in batches, or each to one of its own, and their answers back.
///
/// `@unchecked Sendable`: beside the inbox all is used on the ``EventThread`` alone.
final class WriteQueue: TurnTaker, ConnectionUser, @unchecked Sendable {
    /// How many batches have savepoints after one with an error: clients that send one mistake send more.
    private static let doubt = 16
    /// Transactions that share a commit.
    private static let largestBatch = 64
    /// A server that says nothing for longer is not waited for.
    private static let patience = Duration.milliseconds(1500)

    private let catalog: Catalog
    private let thread: EventThread
    private let availability: Availability
    private let singles: SingleTransactions
    private let inbox: Inbox<WriteRequest>
    private var waiting = Fifo<WriteRequest>()
    private var connection: Connection?
    /// Why there is no connection, once an attempt to have one has failed.
    private var outage: PostgresError?
    private var isRunning = false
    private var held = HeldRecords()
    /// Batches that are still to have savepoints, as one before them had an error.
    private var batchesInDoubt = 0

    init(
        _ catalog: Catalog, _ thread: EventThread, _ availability: Availability, bound: Int,
        _ singles: SingleTransactions
    ) {
        self.catalog = catalog
        self.thread = thread
        self.availability = availability
        inbox = Inbox(bound: bound)
        self.singles = singles
    }

    // MARK: - From any thread

    func commit(
        _ transaction: Transaction, until deadline: ContinuousClock.Instant
    ) async throws(StorageError) -> CommitResult {
        let waiter = Abandonment()
        let answer = await waiter.watching {
            await withCheckedContinuation { offer(WriteRequest(transaction, until: deadline, for: waiter, $0)) }
        }
        return try answer.get()
    }

    private func offer(_ request: WriteRequest) {
        if let refusal = inbox.offer(request) { request.answer(.failure(refusal)) } else { thread.wake() }
    }

    /// Takes no more transactions.
    func refuse() {
        inbox.close()
    }

    var hasWork: Bool { inbox.hasNew }

    /// Transactions that are not answered.
    var count: Int { inbox.count }

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
        if let connection, connection.isExpecting, now - connection.lastProgress > Self.patience {
            connection.lose(.lost("the server doesn't answer"))
        }
        refuseLate(now)
        if let connection, !isRunning, !waiting.isEmpty { commitBatch(on: connection, now) }
        return isRunning || !waiting.isEmpty ? now + .milliseconds(50) : nil
    }

    private func refuseLate(_ now: ContinuousClock.Instant) {
        while let request = waiting.first {
            if request.deadline <= now {
                waiting.removeFirst()
                answer(request, .failure(.deadlineExceeded))
            } else if connection == nil, !isRunning, let outage {
                waiting.removeFirst()
                answer(request, .failure(.unavailable(outage.description)))
            } else {
                return
            }
        }
    }

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
        isRunning = true
        let batch = WriteBatch(
            catalog, requests.map(\.transaction), on: connection, isHopeful: batchesInDoubt == 0)
        Task(executorPreference: thread) { [self, requests] in
            let (outcomes, hasFailed) = await batch.commit()
            batchesInDoubt = hasFailed ? Self.doubt : max(0, batchesInDoubt - 1)
            for (request, outcome) in zip(requests, outcomes) { settle(request, outcome) }
            isRunning = false
        }
    }

    private func settle(_ request: WriteRequest, _ outcome: WriteBatch.Outcome) {
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
        if request.losses < 3 { waiting.append(request) } else { answer(request, .failure(StorageError(error))) }
    }

    private func commitAlone(_ request: WriteRequest) {
        Task(executorPreference: thread) { [self] in
            answer(request, await singles.commit(request.transaction, until: request.deadline))
        }
    }

    private func answer(_ request: WriteRequest, _ answer: WriteRequest.Answer) {
        inbox.answered(1)
        request.answer(answer)
    }
}
