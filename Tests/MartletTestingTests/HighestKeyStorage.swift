import MartletKernel
import MartletModel
import MartletTesting

/// A storage that numbers its records by the highest key that is there, as SQLite does without AUTOINCREMENT: the key of a
/// deleted record comes again.
actor HighestKeyStorage: Storage {
    private let sound = MemoryStorage()
    /// The key that is shown for each key of the sound storage.
    private var shown: [Int64: Int64] = [:]

    func prepare(_ schemas: [ResourceSchema]) async throws(StorageError) { try await sound.prepare(schemas) }
    func health() async -> Health { await sound.health() }
    func close() async { await sound.close() }

    func rows(for query: Query, _ context: RequestContext) async throws(StorageError) -> RowBatch {
        guard query.resource.name == "contract-items" else { return try await sound.rows(for: query, context) }
        return switch query.selection {
        case .key(let key): showing(try await sound.rows(for: Query(query.resource, .key(hidden(key))), context))
        case .page(let after, let limit):
            showing(
                try await sound.rows(for: Query(query.resource, .page(after: after.map(hidden), limit: limit)), context)
            )
        // No clause looks at new keys in this way.
        case .list, .count: try await sound.rows(for: query, context)
        }
    }

    func replay(of transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult? {
        try await sound.replay(of: transaction, context)
    }

    func commit(_ transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult {
        // Others' keys are left alone: it is enough to be wrong about one resource.
        guard transaction.mutations.allSatisfy({ $0.resource.name == "contract-items" }) else {
            return try await sound.commit(transaction, context)
        }
        let mutations = transaction.mutations.map { mutation in
            switch mutation.change {
            case .insert: mutation
            case .update(let key, let row): mutation.with(change: .update(hidden(key), row))
            case .upsert(let key, let row): mutation.with(change: .upsert(hidden(key), row))
            case .delete(let key): mutation.with(change: .delete(hidden(key)))
            }
        }
        let result = try await sound.commit(transaction.with(mutations), context)
        guard case .committed(let written) = result else { return result }
        for (mutation, each) in zip(mutations, written) {
            guard case .insert = mutation.change, let key = each.record[0, 0].integer else { continue }
            shown[key] = (shown.values.max() ?? 0) + 1
        }
        let answer = written.map { Written(showing($0.record), isNew: $0.isNew) }
        for case .delete(.integer(let key)) in mutations.map(\.change) { shown[key] = nil }
        return .committed(answer)
    }

    private func hidden(_ key: Key) -> Key {
        guard case .integer(let value) = key, let pair = shown.first(where: { $0.value == value }) else { return key }
        return .integer(pair.key)
    }

    private func showing(_ rows: RowBatch) -> RowBatch {
        var rows = rows
        for row in 0..<rows.count {
            guard let key = rows[row, 0].integer, let value = shown[key] else { continue }
            rows.set(row: row, column: 0, to: .integer(value))
        }
        return rows
    }
}
