import MartletKernel
import MartletModel

/// Reads that need more than the budget of a caller's thread, or another process's lock to go: on threads that may
/// block, until a deadline.
final class LongReads: Sendable {
    static let threads = 4

    /// As many as threads: who is on one of them always gets a reader.
    let readers = ReaderPool(bound: threads)
    private let pool: BlockingPool
    private let timeout: Duration

    /// - Parameter bound: how many reads may wait.
    init(timeout: Duration, bound: Int) {
        self.timeout = timeout
        pool = BlockingPool("sqlite-read", threads: Self.threads, bound: bound)
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Reader) throws(SQLiteError) -> Value
    ) async throws(StorageError) -> Value {
        // The wait for a thread counts.
        let deadline = ContinuousClock.now + timeout
        let value: Result<Value, StorageError>
        do throws(BlockingPool.Rejection) {
            value = try await pool.run { [self] in
                Result { () throws(StorageError) in try read(body, until: deadline) }
            }
        } catch {
            switch error {
            case .full: throw .overloaded
            case .closed: throw .unavailable("the database is closed")
            }
        }
        return try value.get()
    }

    /// Ends the threads, after their last read.
    func close() async {
        pool.close()
        await readers.close()
    }

    private func read<Value>(
        _ body: (Reader) throws(SQLiteError) -> Value, until deadline: ContinuousClock.Instant
    ) throws(StorageError) -> Value {
        guard .now < deadline else { throw .deadlineExceeded }
        guard let reader = try readers.take() else { throw .overloaded }
        do throws(SQLiteError) {
            reader.giveUp(at: deadline)
            let value = try body(reader)
            readers.giveBack(reader)
            return value
        } catch {
            readers.giveBack(reader, isBroken: !error.leavesConnectionUsable)
            throw error.isInterruption ? .deadlineExceeded : StorageError(error)
        }
    }
}
