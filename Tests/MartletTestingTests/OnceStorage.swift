import MartletKernel
import MartletModel
import MartletTesting
import Synchronization

/// A storage that takes the keys of records that are gone for taken.
final class OnceStorage: Storage {
    private let sound = MemoryStorage()
    private let gone = Mutex<Set<Key>>([])

    func prepare(_ schemas: [ResourceSchema]) async throws(StorageError) { try await sound.prepare(schemas) }
    func rows(for query: Query, _ context: RequestContext) async throws(StorageError) -> RowBatch {
        try await sound.rows(for: query, context)
    }
    func health() async -> Health { await sound.health() }
    func close() async { await sound.close() }
    func replay(of transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult? {
        try await sound.replay(of: transaction, context)
    }

    func commit(_ transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult {
        for (index, mutation) in transaction.mutations.enumerated() {
            guard mutation.resource.name == "owners", case .insert(let row) = mutation.change,
                let key = mutation.resource.key(ofRow: 0, in: row.cells), gone.withLock({ $0.contains(key) })
            else { continue }
            return .refused([Refusal(mutation: index, .uniqueTaken([0]))])
        }
        let result = try await sound.commit(transaction, context)
        if case .committed = result {
            for case .delete(let key) in transaction.mutations.map(\.change) {
                _ = gone.withLock { $0.insert(key) }
            }
        }
        return result
    }
}
