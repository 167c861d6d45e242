import MartletKernel
import MartletModel
import MartletTesting
import Synchronization

/// A storage that keeps what became of transactions beside its database, not in it.
final class KeepingStorage: Storage {
    private let sound = MemoryStorage()
    /// Else two of the same at once are both done.
    private let keepsRefusals: Bool
    private let kept = Mutex<[String: CommitResult]>([:])

    init(keepsRefusals: Bool) {
        self.keepsRefusals = keepsRefusals
    }

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
        guard let idempotency = transaction.idempotency else { return try await sound.commit(transaction, context) }
        if keepsRefusals {
            if let known = kept.withLock({ $0[idempotency.scope] }) { return known }
            let result = try await sound.commit(transaction, context)
            if let refusal = result.refusal, refusal.reason != .idempotencyKeyReused {
                kept.withLock { $0[idempotency.scope] = result }
            }
            return result
        }
        if let known = try await sound.replay(of: transaction, context) { return known }
        await letOthersCome()
        let scope = kept.withLock { kept in
            kept["\(kept.count)"] = .committed([])
            return "\(idempotency.scope) \(kept.count)"
        }
        return try await sound.commit(
            transaction.with(Idempotency(scope: scope, fingerprint: idempotency.fingerprint)), context)
    }
}
