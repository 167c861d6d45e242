import Glibc
import Logging
import MartletKernel
import MartletModel

/// Reads that no index bounds, that need more than the budget of a caller's thread, or another process's lock to go: on
/// threads that may block, until a deadline. These threads stand back behind all others: a scan is in no hurry.
final class LongReads: Sendable {
    /// More than there are processors would only take turns.
    static let threads = max(2, sysconf(Int32(_SC_NPROCESSORS_ONLN)))

    /// As many as threads: who is on one of them always gets a reader.
    let readers = ReaderPool(bound: threads)
    private let pool: BlockingPool
    private let timeout: Duration
    private let slowScanRows: Int
    private let logger: Logger

    init(_ options: SQLiteDatabase.Options, logger: Logger) {
        (timeout, slowScanRows, self.logger) = (options.readTimeout, options.slowScanRows, logger)
        pool = BlockingPool("sqlite-read", threads: Self.threads, bound: options.queue, niceness: 10)
    }

    /// Tells the log of a query that looks at more records than are usual, or that isn't answered in time.
    func rows(for query: Query) async throws(StorageError) -> RowBatch {
        try await read { [slowScanRows, logger] reader throws(SQLiteError) in
            let start = ContinuousClock.now
            func tell(_ message: Logger.Message) {
                logger.warning(
                    message,
                    metadata: [
                        "route": "\(query.origin ?? "?")", "resource": "\(query.resource.name)",
                        "rows": "\(reader.rowsLookedAt)",
                        "milliseconds": "\((ContinuousClock.now - start) / .milliseconds(1))",
                    ])
            }
            do throws(SQLiteError) {
                let rows = try reader.rows(for: query)
                if reader.rowsLookedAt > slowScanRows { tell("a read has looked at many rows") }
                return rows
            } catch {
                if error.isInterruption { tell("a read was ended by its deadline") }
                throw error
            }
        }
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
