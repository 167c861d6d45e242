public import Logging
public import MartletKernel
public import MartletModel
import Synchronization

/// A ``Storage`` in a PostgreSQL database. The plugin ``PostgresStorage`` provides one; it works as well by itself.
///
/// A few connections, all looked after by one thread, carry what comes from any number of threads.
public final class PostgresDatabase: Storage {
    private let options: Options
    private let logger: Logger
    /// From ``prepare(_:)`` to ``close()``.
    private let traffic = Mutex<Traffic?>(nil)

    /// Connects to nothing yet.
    public init(_ options: Options, logger: Logger = Logger(label: "storage.postgres")) {
        self.options = options
        self.logger = logger
    }

    public func prepare(_ schemas: [ResourceSchema]) async throws(StorageError) {
        guard let address = ConnectionAddress(options.url) else {
            throw .unusable("the connection string is not one that PostgreSQL's library can read")
        }
        do throws(PostgresError) {
            let session = SessionSettings(synchronousCommit: options.synchronousCommit, timeout: options.timeout)
            try await prepareTables(of: schemas, address, session)
            let traffic = try Traffic(Catalog(schemas), address, session, options, logger)
            try await traffic.start()
            self.traffic.withLock { $0 = traffic }
        } catch {
            throw .unusable(error.description)
        }
    }

    public func rows(for query: Query) async throws(StorageError) -> RowBatch {
        let traffic = try current()
        guard let table = traffic.catalog.table(of: query.resource) else {
            throw .internal("\(query.resource.name) was not prepared")
        }
        switch query.selection {
        case .key(let key), .page(.some(let key), _):
            guard key.isOne(of: query.resource) else { return RowBatch(width: query.resource.width) }
        case .page(nil, _): break
        }
        return try await traffic.reads.read(.rows(table, query.selection), until: .now + options.timeout)
    }

    public func commit(_ transaction: Transaction) async throws(StorageError) -> CommitResult {
        try await current().writes.commit(transaction, until: .now + options.timeout)
    }

    public func replay(of transaction: Transaction) async throws(StorageError) -> CommitResult? {
        let traffic = try current()
        guard let idempotency = transaction.idempotency else { return nil }
        let kind = ReadRequest.Kind.knownResult(idempotency, transaction.time)
        return transaction.result(in: try await traffic.reads.read(kind, until: .now + options.timeout))
    }

    public func health() async -> Health {
        traffic.withLock { $0 }?.availability.health ?? .notReady("the database is not open")
    }

    public func close() async {
        let traffic = traffic.withLock { traffic in
            defer { traffic = nil }
            return traffic
        }
        await traffic?.close()
    }

    private func current() throws(StorageError) -> Traffic {
        guard let traffic = traffic.withLock({ $0 }) else { throw .unavailable("the database is not open") }
        return traffic
    }

    private func prepareTables(
        of schemas: [ResourceSchema], _ address: ConnectionAddress, _ session: SessionSettings
    ) async throws(PostgresError) {
        let pool = BlockingPool("postgres-setup", threads: 1, bound: 1)
        let logger = logger
        let result: Result<Void, PostgresError>
        do throws(BlockingPool.Rejection) {
            result = try await pool.run {
                Result { () throws(PostgresError) in
                    let connection = try BlockingConnection(address, for: .setup, session)
                    try connection.prepareTables(of: schemas)
                    logger.info("the database is open", metadata: ["database": "\(connection.description)"])
                }
            }
        } catch {
            throw .system("the system has no thread left for the database")
        }
        try result.get()
    }
}
