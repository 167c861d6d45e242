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

    func rows(for query: Query) async throws(StorageError) -> RowBatch {
        switch query.selection {
        case .key(let key): showing(try await sound.rows(for: Query(query.resource, .key(hidden(key)))))
        case .page(let after, let limit):
            showing(try await sound.rows(for: Query(query.resource, .page(after: after.map(hidden), limit: limit))))
        }
    }

    func commit(_ transaction: Transaction) async throws(StorageError) -> CommitResult {
        let mutations = transaction.mutations.map { mutation in
            switch mutation.change {
            case .insert: mutation
            case .update(let key, let row): Mutation(mutation.resource, .update(hidden(key), row))
            case .delete(let key): Mutation(mutation.resource, .delete(hidden(key)))
            }
        }
        let result = try await sound.commit(Transaction(mutations))
        guard case .committed(let records) = result else { return result }
        for (mutation, record) in zip(mutations, records) {
            guard case .insert = mutation.change, let key = record[0, 0].integer else { continue }
            shown[key] = (shown.values.max() ?? 0) + 1
        }
        let answer = records.map(showing)
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
