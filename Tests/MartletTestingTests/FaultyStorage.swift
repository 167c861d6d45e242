import MartletKernel
import MartletModel
import MartletTesting

/// A storage with one thing wrong with it.
struct FaultyStorage: Storage {
    typealias Read = @Sendable (Query, any Storage) async throws(StorageError) -> RowBatch
    typealias Commit = @Sendable (Transaction, any Storage) async throws(StorageError) -> CommitResult

    private let sound: any Storage = MemoryStorage()
    var schema: @Sendable (ResourceSchema) -> ResourceSchema = { $0 }
    var read: Read = { query, sound throws(StorageError) in try await sound.rows(for: query) }
    var write: Commit = { transaction, sound throws(StorageError) in try await sound.commit(transaction) }
    var isEverReady = true
    var isEverClosed = true

    func prepare(_ schemas: [ResourceSchema]) async throws(StorageError) {
        try await sound.prepare(schemas.map(schema))
    }
    func rows(for query: Query) async throws(StorageError) -> RowBatch { try await read(query, sound) }
    func commit(_ transaction: Transaction) async throws(StorageError) -> CommitResult {
        try await write(transaction, sound)
    }
    func health() async -> Health { isEverReady ? await sound.health() : .notReady("never") }
    func close() async { if isEverClosed { await sound.close() } }
}

extension FaultyStorage {
    /// Changes what is read.
    static func reading(_ change: @escaping @Sendable (RowBatch) -> RowBatch) -> FaultyStorage {
        FaultyStorage(read: { query, sound throws(StorageError) in change(try await sound.rows(for: query)) })
    }

    /// Changes what is asked for.
    static func asking(_ change: @escaping @Sendable (Query, any Storage) async throws(StorageError) -> Query)
        -> FaultyStorage
    {
        FaultyStorage(read: { query, sound throws(StorageError) in
            try await sound.rows(for: try await change(query, sound))
        })
    }

    /// Changes what is answered to a transaction.
    static func answering(_ change: @escaping @Sendable (CommitResult) -> CommitResult) -> FaultyStorage {
        FaultyStorage(write: { transaction, sound throws(StorageError) in change(try await sound.commit(transaction)) })
    }

    /// Changes why transactions are refused.
    static func refusing(_ change: @escaping @Sendable (Refusal) -> Refusal) -> FaultyStorage {
        answering { result in
            if case .refused(let refusal) = result { .refused(change(refusal)) } else { result }
        }
    }

    /// Does transactions of one mutation in a way of its own; when that gives nothing, and for longer ones, as they are.
    static func changing(
        _ change: @escaping @Sendable (Mutation, any Storage) async throws(StorageError) -> CommitResult?
    ) -> FaultyStorage {
        FaultyStorage(write: { transaction, sound throws(StorageError) in
            if transaction.mutations.count == 1, let result = try await change(transaction.mutations[0], sound) {
                return result
            }
            return try await sound.commit(transaction)
        })
    }

    /// Has another idea of uniqueness.
    static func holding(_ change: @escaping @Sendable (Uniqueness) -> Uniqueness?) -> FaultyStorage {
        FaultyStorage(schema: { schema in
            let fields = schema.fields.map { field in
                let constraints = [
                    field.key.map(Constraint.key), field.uniqueness.flatMap(change).map(Constraint.unique),
                ]
                return
                    (try? FieldSchema(
                        field.name, field.type, isNullable: field.isNullable, constraints.compactMap(\.self))) ?? field
            }
            return (try? ResourceSchema(schema.name, fields)) ?? schema
        })
    }
}
