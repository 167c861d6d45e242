import CSQLite
import Logging
import MartletKernel

/// The one way to write: hands transactions to the thread that owns the writing connection, and waits for its answer.
final class Writer: Sendable {
    private let queue: BoundedQueue<WriteRequest>
    private let state: WriterState
    private let timeout: Duration
    private let deadlines: WriteDeadlines

    /// - Parameters:
    ///   - bound: how many transactions may wait.
    ///   - timeout: how long a transaction may take, with its wait.
    init(bound: Int, timeout: Duration, logger: Logger) {
        let state = WriterState(logger, timeout: timeout)
        queue = BoundedQueue(bound: bound)
        self.state = state
        self.timeout = timeout
        deadlines = WriteDeadlines { state.checkActivity() }
    }

    /// Starts the thread, which takes the connections over.
    func start(
        _ connection: sending WritingConnection, _ anchor: sending ReadAnchor, _ files: DatabaseFileCheck,
        _ care: WriterThread.Care
    ) throws(SQLiteError) {
        let thread = WriterThread(connection, anchor, files, queue, deadlines, state, care)
        state.end.close()
        guard SystemThread.start("sqlite-write", { thread.run() }) else {
            state.end.open()
            throw SQLiteError(SQLITE_NOMEM, "the system has no thread left for the writer")
        }
    }

    func commit(_ transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult {
        let answer = await withCheckedContinuation { continuation in
            let request = WriteRequest(transaction, until: context.deadline(within: timeout), continuation)
            switch queue.offer(request) {
            case .accepted: deadlines.watch(request)
            case .full: request.answer(.failure(.overloaded))
            case .closed: request.answer(.failure(.unavailable("the database is not open")))
            }
        }
        do throws(StorageError) {
            return try answer.get()
        } catch {
            // It was not begun. But not to say that an earlier one with its key may be done would be wrong.
            guard error == .deadlineExceeded, let scope = transaction.idempotency?.scope, state.isCommitting(scope)
            else { throw error }
            throw .outcomeUnknown("the disk has not finished the commit of an earlier request with this key")
        }
    }

    var health: Health {
        state.checkActivity()
        return state.health
    }

    /// How many transactions wait to be taken.
    var waiting: Int { queue.count }

    /// Takes no more transactions, and returns when those that wait are answered and the connection is closed.
    /// - Returns: false when they aren't by the deadline.
    func close(until deadline: ContinuousClock.Instant) async -> Bool {
        queue.close()
        return await state.end.wait(until: deadline)
    }
}
