import MartletKernel
import MartletModel
import MartletTesting

/// A storage in which documents were last changed when they were last written to: a deletion that makes a reference null
/// leaves their time as it is.
actor StaleTimeStorage: Storage {
    private let sound = MemoryStorage()
    private var times: [Key: Cell] = [:]

    func prepare(_ schemas: [ResourceSchema]) async throws(StorageError) { try await sound.prepare(schemas) }
    func health() async -> Health { await sound.health() }
    func close() async { await sound.close() }
    func replay(of transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult? {
        try await sound.replay(of: transaction, context)
    }

    func rows(for query: Query, _ context: RequestContext) async throws(StorageError) -> RowBatch {
        var rows = try await sound.rows(for: query, context)
        if case .count = query.selection { return rows }
        guard query.resource.name == "documents" else { return rows }
        for row in 0..<rows.count {
            guard let key = query.resource.key(ofRow: row, in: rows), let time = times[key] else { continue }
            rows.set(row: row, column: 5, to: time)
        }
        return rows
    }

    func commit(_ transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult {
        let result = try await sound.commit(transaction, context)
        guard case .committed(let written) = result else { return result }
        for (mutation, each) in zip(transaction.mutations, written) where mutation.resource.name == "documents" {
            guard let key = mutation.resource.key(ofRow: 0, in: each.record) else { continue }
            times[key] = each.record[0, 5]
        }
        return result
    }
}
