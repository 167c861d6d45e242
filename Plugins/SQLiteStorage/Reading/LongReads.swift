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

    func rows(for query: Query) async throws(StorageError) -> RowBatch {
        // The wait for a thread counts.
        let deadline = ContinuousClock.now + timeout
        let rows: Result<RowBatch, StorageError>
        do throws(BlockingPool.Rejection) {
            rows = try await pool.run { [self] in
                Result { () throws(StorageError) in try read(query, until: deadline) }
            }
        } catch {
            switch error {
            case .full: throw .overloaded
            case .closed: throw .unavailable("the database is closed")
            }
        }
        return try rows.get()
    }

    /// Ends the threads, after their last read.
    func close() async {
        pool.close()
        await readers.close()
    }

    private func read(_ query: Query, until deadline: ContinuousClock.Instant) throws(StorageError) -> RowBatch {
        guard .now < deadline else { throw .deadlineExceeded }
        guard let reader = try readers.take() else { throw .overloaded }
        do throws(SQLiteError) {
            let rows = try reader.rows(for: query, until: deadline)
            readers.giveBack(reader)
            return rows
        } catch {
            readers.giveBack(reader, isBroken: !error.leavesConnectionUsable)
            throw error.isInterruption ? .deadlineExceeded : StorageError(error)
        }
    }
}
