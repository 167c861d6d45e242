public import MartletKernel
public import MartletModel
import Synchronization

/// The reference storage: what each call of `Storage` means, in arrays and linear scans, simple enough to be believed.
///
/// Other storages are compared with it (``RandomOperations``), and tests that need a storage but no database run on it.
/// It keeps nothing when it is closed, and a commit costs a copy of the tables that it changes.
public final class MemoryStorage: Storage {
    private enum State {
        case open(MemoryDatabase)
        case closed
    }

    private let state = Mutex(State.open(MemoryDatabase()))

    /// An empty storage.
    public init() {}

    public func prepare(_ schemas: [ResourceSchema]) async throws(StorageError) {
        try withDatabase { database in
            for schema in schemas { database.addTable(of: schema) }
        }
    }

    public func rows(for query: Query, _ context: RequestContext) async throws(StorageError) -> RowBatch {
        try withDatabase { database throws(StorageError) in
            try database.rows(for: query)
        }
    }

    public func commit(_ transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult
    {
        try withDatabase { database throws(StorageError) in
            // All or nothing: what was done to the copy is forgotten unless everything could be done.
            var copy = database
            let result = try copy.apply(transaction)
            if case .committed = result { database = copy }
            return result
        }
    }

    public func replay(of transaction: Transaction, _ context: RequestContext) async throws(StorageError)
        -> CommitResult?
    {
        try withDatabase { $0.replay(of: transaction) }
    }

    public func health() async -> Health {
        state.withLock { state in
            if case .open = state { .ready } else { .notReady("closed") }
        }
    }

    public func close() async {
        state.withLock { $0 = .closed }
    }

    private func withDatabase<Result: Sendable>(
        _ body: (inout MemoryDatabase) throws(StorageError) -> Result
    ) throws(StorageError) -> Result {
        try state.withLock { state throws(StorageError) in
            guard case .open(var database) = state else { throw .unavailable("closed") }
            let result = try body(&database)
            state = .open(database)
            return result
        }
    }
}
