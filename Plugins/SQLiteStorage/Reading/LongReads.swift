import Glibc
import Logging
import MartletKernel
import MartletModel

/// Reads on threads that may block, until a deadline.
final class LongReads: Sendable {
    enum Kind {
        /// Those that no index bounds. Their threads stand back behind all others: a scan is in no hurry.
        case scans
        /// Those that need more than the budget of a caller's thread, or another process's lock to go. They don't wait for
        /// scans.
        case others
    }

    /// As many as threads: who is on one of them always gets a reader.
    let readers: ReaderPool
    /// Of the readers' reads.
    let cancellation = ReadCancellation()
    private let pool: BlockingPool
    private let timeout: Duration
    private let log: ScanLog

    init(_ kind: Kind, _ options: SQLiteDatabase.Options, logger: Logger) {
        timeout = options.timeout
        log = ScanLog(logger, slowScanRows: options.slowScanRows)
        // More than there are processors would only take turns.
        let threads = max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        readers = ReaderPool(bound: threads)
        pool =
            switch kind {
            case .scans: BlockingPool("sqlite-scan", threads: threads, bound: options.queue, niceness: 10)
            case .others: BlockingPool("sqlite-read", threads: threads, bound: options.queue)
            }
    }

    /// Tells the log of a query that looks at more records than are usual, or that isn't answered in time.
    func rows(for query: Query, _ context: RequestContext) async throws(StorageError) -> RowBatch {
        try await read(for: context) { [log] reader throws(SQLiteError) in
            let start = ContinuousClock.now
            var isLate = false
            defer { log.record(query, rows: reader.rowsLookedAt, time: .now - start, isLate: isLate) }
            do throws(SQLiteError) {
                return try reader.rows(for: query)
            } catch {
                isLate = error.isInterruption
                throw error
            }
        }
    }

    func read<Value: Sendable>(
        for context: RequestContext, _ body: @escaping @Sendable (Reader) throws(SQLiteError) -> Value
    ) async throws(StorageError) -> Value {
        // The wait for a thread counts.
        let deadline = context.deadline(within: timeout)
        let waiter = Abandonment()
        return try await waiter.watching { await result(of: body, until: deadline, for: waiter) }.get()
    }

    private func result<Value: Sendable>(
        of body: @escaping @Sendable (Reader) throws(SQLiteError) -> Value, until deadline: ContinuousClock.Instant,
        for waiter: Abandonment
    ) async -> Result<Value, StorageError> {
        do throws(BlockingPool.Rejection) {
            return try await pool.run { [self] in
                Result { () throws(StorageError) in
                    // One that hasn't begun is left out once nobody waits for it.
                    guard !waiter.isAbandoned else { throw .unavailable("nobody waits for it") }
                    return try read(body, until: deadline)
                }
            }
        } catch {
            return .failure(error == .full ? .overloaded : .unavailable("the database is closed"))
        }
    }

    /// Ends the threads, after their last read.
    /// - Parameter cancellationTime: reads that still run then are ended.
    /// - Returns: false when there are readers at work at the deadline.
    func close(
        cancellingAt cancellationTime: ContinuousClock.Instant, until deadline: ContinuousClock.Instant
    ) async -> Bool {
        pool.close()
        if await readers.close(until: cancellationTime) { return true }
        cancellation.cancel()
        return await readers.close(until: deadline)
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
