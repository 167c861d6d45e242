import MartletKernel
import MartletModel
import MartletTesting
import Synchronization

/// A storage that commits in groups, and refuses a whole group with the first transaction in it that is refused.
final class SharedFateStorage: Storage {
    private let sound = MemoryStorage()
    /// Transactions that are under way.
    private let group = Mutex<(size: Int, refusal: Refusal?)>((0, nil))

    func prepare(_ schemas: [ResourceSchema]) async throws(StorageError) { try await sound.prepare(schemas) }
    func rows(for query: Query, _ context: RequestContext) async throws(StorageError) -> RowBatch {
        try await sound.rows(for: query, context)
    }
    func replay(of transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult? {
        try await sound.replay(of: transaction, context)
    }
    func health() async -> Health { await sound.health() }
    func close() async { await sound.close() }

    func commit(_ transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult {
        group.withLock { $0.size += 1 }
        defer {
            group.withLock { group in
                group.size -= 1
                if group.size == 0 { group.refusal = nil }
            }
        }
        await letOthersCome()
        if let refusal = group.withLock({ $0.size > 1 ? $0.refusal : nil }) { return .refused([refusal]) }
        let result = try await sound.commit(transaction, context)
        if let refusal = result.refusal { group.withLock { $0.refusal = refusal } }
        return result
    }
}
