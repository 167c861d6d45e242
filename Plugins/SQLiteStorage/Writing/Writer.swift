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
        _ connection: WritingConnection, _ anchor: ReadAnchor, _ files: DatabaseFileCheck, _ care: WriterThread.Care
    ) throws(SQLiteError) {
        let thread = WriterThread(connection, anchor, files, queue, deadlines, state, care)
        state.end.close()
        guard SystemThread.start("sqlite-write", { thread.run() }) else {
            state.end.open()
            throw SQLiteError(SQLITE_NOMEM, "the system has no thread left for the writer")
        }
    }

    func commit(_ transaction: Transaction) async throws(StorageError) -> CommitResult {
        let answer = await withCheckedContinuation { continuation in
            let request = WriteRequest(transaction, timeout: timeout, continuation)
            switch queue.offer(request) {
            case .accepted: deadlines.watch(request)
            case .full: request.answer(.failure(.overloaded))
            case .closed: request.answer(.failure(.unavailable("the database is not open")))
            }
        }
        return try answer.get()
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
