import CSQLite
import MartletKernel

/// The one way to write: hands transactions to the thread that owns the writing connection, and waits for its answer.
final class Writer: Sendable {
    private let queue: BoundedQueue<WriteRequest>
    private let state = WriterState()

    /// - Parameter bound: how many transactions may wait.
    init(bound: Int) {
        queue = BoundedQueue(bound: bound)
    }

    /// Starts the thread, which takes the connections over.
    func start(_ connection: WritingConnection, _ anchor: ReadAnchor, _ care: WriterThread.Care) throws(SQLiteError) {
        let thread = WriterThread(connection, anchor, queue, state, care)
        state.begin()
        guard SystemThread.start("sqlite-write", { thread.run() }) else {
            state.finish()
            throw SQLiteError(SQLITE_NOMEM, "the system has no thread left for the writer")
        }
    }

    func commit(_ transaction: Transaction) async throws(StorageError) -> CommitResult {
        let answer = await withCheckedContinuation { continuation in
            switch queue.offer(WriteRequest(transaction: transaction, continuation: continuation)) {
            case .accepted: break
            case .full: continuation.resume(returning: .failure(.overloaded))
            case .closed: continuation.resume(returning: .failure(.unavailable("the database is not open")))
            }
        }
        return try answer.get()
    }

    var health: Health { state.health }

    /// How many transactions wait to be taken.
    var waiting: Int { queue.count }

    /// Takes no more transactions, and returns when those that wait are answered and the connection is closed.
    func close() async {
        queue.close()
        await state.finished()
    }
}
