import MartletKernel
import MartletModel
import Synchronization

@testable import MartletTesting

/// A storage that acknowledges one update in 100 and doesn't keep it. Which ones depends on their time alone, so that a
/// shorter sequence loses the same.
final class LosingStorage: Storage {
    private let database = Mutex(MemoryDatabase())

    func prepare(_ schemas: [ResourceSchema]) async throws(StorageError) {
        database.withLock { database in
            for schema in schemas { database.addTable(of: schema) }
        }
    }

    func rows(for query: Query, _ context: RequestContext) async throws(StorageError) -> RowBatch {
        try database.withLock { database throws(StorageError) in try database.rows(for: query) }
    }

    func commit(_ transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult {
        try database.withLock { database throws(StorageError) in
            var copy = database
            let result = try copy.apply(transaction)
            if case .committed = result, !isLost(transaction) { database = copy }
            return result
        }
    }

    private func isLost(_ transaction: Transaction) -> Bool {
        guard transaction.mutations.count == 1, case .update = transaction.mutations[0].change else { return false }
        return (transaction.time.microsecondsSince1970 - Subject.time.microsecondsSince1970) % 100 == 0
    }

    func replay(of transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult? {
        database.withLock { $0.replay(of: transaction) }
    }

    func health() async -> Health { .ready }
    func close() async {}
}
