import Logging
import MartletKernel
import MartletModel

/// Transactions that are done by themselves, mutation by mutation: those that take values from their own records, change
/// several, or have met a lock, a conflict or an idempotency key in a batch.
final class SingleTransactions {
    /// Attempts that others' changes have foiled in a row, after which the client hears of it. Serialisation failures and
    /// deadlocks don't count: the server lets one of the transactions through.
    private static let attempts = 8
    /// Between two attempts, in milliseconds.
    private static let longestPause = 40

    private let catalog: Catalog
    private let connections: ExclusiveConnections
    private let thread: EventThread
    private let logger: Logger

    init(_ catalog: Catalog, _ connections: ExclusiveConnections, _ thread: EventThread, _ logger: Logger) {
        self.catalog = catalog
        self.connections = connections
        self.thread = thread
        self.logger = logger
    }

    func commit(
        _ transaction: Transaction, until deadline: ContinuousClock.Instant
    ) async -> Result<CommitResult, StorageError> {
        var (attempt, pause) = (1, 5)
        while true {
            do throws(PostgresError) {
                let connection = try await connections.take(until: deadline)
                let result = await SingleTransaction(
                    catalog, transaction, on: connection, isLastAttempt: attempt == Self.attempts, logger
                ).commit()
                connections.giveBack(connection)
                switch result {
                case .answer(let answer): return answer
                case .again(let error):
                    if !error.isDeadlock { attempt += 1 }
                    guard deadline > .now, attempt <= Self.attempts else {
                        return .failure(StorageError(ofWrite: error, until: deadline))
                    }
                }
            } catch {
                return .failure(StorageError(error))
            }
            // Who was in the way shall be out of it.
            await thread.sleep(until: .now + .milliseconds(Int.random(in: 1...pause)))
            pause = min(pause * 2, Self.longestPause)
        }
    }
}
