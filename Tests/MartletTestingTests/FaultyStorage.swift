import MartletKernel
import MartletModel
import MartletTesting

/// A storage with one thing wrong with it.
struct FaultyStorage: Storage {
    typealias Read = @Sendable (Query, any Storage) async throws(StorageError) -> RowBatch
    typealias Commit = @Sendable (Transaction, any Storage) async throws(StorageError) -> CommitResult
    typealias Replay = @Sendable (Transaction, any Storage) async throws(StorageError) -> CommitResult?

    private let sound: any Storage = MemoryStorage()
    var schema: @Sendable (ResourceSchema) -> ResourceSchema = { $0 }
    var read: Read = { query, sound throws(StorageError) in try await sound.rows(for: query, .test) }
    var write: Commit = { transaction, sound throws(StorageError) in try await sound.commit(transaction, .test) }
    var known: Replay = { transaction, sound throws(StorageError) in try await sound.replay(of: transaction, .test) }
    var isEverReady = true
    var isEverClosed = true

    func prepare(_ schemas: [ResourceSchema]) async throws(StorageError) {
        try await sound.prepare(schemas.map(schema))
    }
    func rows(for query: Query, _ context: RequestContext) async throws(StorageError) -> RowBatch {
        try await read(query, sound)
    }
    func commit(_ transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult {
        try await write(transaction, sound)
    }
    func replay(of transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult? {
        try await known(transaction, sound)
    }
    func health() async -> Health { isEverReady ? await sound.health() : .notReady("never") }
    func close() async { if isEverClosed { await sound.close() } }
}

extension FaultyStorage {
    /// Changes what is read.
    static func reading(_ change: @escaping @Sendable (RowBatch) -> RowBatch) -> FaultyStorage {
        FaultyStorage(read: { query, sound throws(StorageError) in change(try await sound.rows(for: query, .test)) })
    }

    /// Changes what is asked for.
    static func asking(_ change: @escaping @Sendable (Query, any Storage) async throws(StorageError) -> Query)
        -> FaultyStorage
    {
        FaultyStorage(read: { query, sound throws(StorageError) in
            try await sound.rows(for: try await change(query, sound), .test)
        })
    }

    /// Changes what is answered to a transaction.
    static func answering(_ change: @escaping @Sendable (CommitResult) -> CommitResult) -> FaultyStorage {
        FaultyStorage(write: { transaction, sound throws(StorageError) in
            change(try await sound.commit(transaction, .test))
        })
    }

    /// Changes why transactions are refused.
    static func refusing(_ change: @escaping @Sendable (Refusal) -> Refusal) -> FaultyStorage {
        answering { result in
            if case .refused(let refusals) = result { .refused(refusals.map(change)) } else { result }
        }
    }

    /// Changes every mutation.
    static func doing(_ change: @escaping @Sendable (Mutation) -> Mutation) -> FaultyStorage {
        FaultyStorage(write: { transaction, sound throws(StorageError) in
            try await sound.commit(transaction.with(transaction.mutations.map(change)), .test)
        })
    }

    /// Changes every precondition.
    static func demanding(_ change: @escaping @Sendable (Precondition, Mutation.Change) -> Precondition)
        -> FaultyStorage
    {
        doing { $0.with(precondition: change($0.precondition, $0.change)) }
    }

    /// Does transactions of one mutation in a way of its own; when that gives nothing, and for others, as they are.
    static func changing(
        _ change: @escaping @Sendable (Mutation, Transaction, any Storage) async throws(StorageError) -> CommitResult?
    ) -> FaultyStorage {
        FaultyStorage(write: { transaction, sound throws(StorageError) in
            if transaction.mutations.count == 1, transaction.idempotency == nil,
                let result = try await change(transaction.mutations[0], transaction, sound)
            {
                return result
            }
            return try await sound.commit(transaction, .test)
        })
    }

    /// Has other constraints on some fields.
    static func holding(
        _ change: @escaping @Sendable (FieldSchema) -> [Constraint]?, sets: Bool = true
    ) -> FaultyStorage {
        FaultyStorage(schema: { schema in schema.changing(change, sets: sets) })
    }
}

extension Transaction {
    func with(_ mutations: [Mutation]) -> Transaction {
        with(mutations, idempotency)
    }

    func with(_ idempotency: Idempotency?) -> Transaction {
        with(mutations, idempotency)
    }

    private func with(_ mutations: [Mutation], _ idempotency: Idempotency?) -> Transaction {
        var transaction = Transaction(mutations, at: time, idempotency: idempotency)
        transaction.maxBytes = maxBytes
        return transaction
    }
}

extension Mutation {
    func with(precondition: Precondition) -> Mutation {
        Mutation(resource, change, if: precondition, references: references, keyReference: keyReference)
    }

    func with(change: Change) -> Mutation {
        Mutation(resource, change, if: precondition, references: references, keyReference: keyReference)
    }

    func with(references: [Int: ResultReference], keyReference: ResultReference?) -> Mutation {
        Mutation(resource, change, if: precondition, references: references, keyReference: keyReference)
    }
}

extension CommitResult {
    /// Why it was refused, when one mutation was.
    var refusal: Refusal? {
        if case .refused(let refusals) = self, refusals.count == 1 { refusals[0] } else { nil }
    }

    /// The same with other records.
    func mapping(_ change: (Written) -> Written) -> CommitResult {
        switch self {
        case .committed(let written): .committed(written.map(change))
        case .replayed(let written): .replayed(written.map(change))
        case .refused: self
        }
    }
}
