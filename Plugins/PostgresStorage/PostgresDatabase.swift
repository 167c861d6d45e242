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
        let address = try address()
        var session = session
        do throws(PostgresError) {
            session.schema = try await migrate(to: schemas, .lossless, address, session, isStart: true).schema
            guard !Task.isCancelled else { throw .lost("the start was called off") }
            let traffic = try Traffic(Catalog(schemas, in: session.schema), address, session, options, logger)
            try await traffic.start()
            self.traffic.withLock { $0 = traffic }
        } catch {
            throw StorageError(ofPreparation: error)
        }
    }

    public func migrate(to schemas: [ResourceSchema], _ mode: Migration.Mode) async throws(StorageError) -> Migration {
        let address = try address()
        do throws(PostgresError) {
            return try await migrate(to: schemas, mode, address, session).migration
        } catch {
            throw StorageError(ofPreparation: error)
        }
    }

    public func rows(for query: Query, _ context: RequestContext) async throws(StorageError) -> RowBatch {
        let traffic = try current()
        guard let table = traffic.catalog.table(of: query.resource) else {
            throw .internal("\(query.resource.name) was not prepared")
        }
        let kind: ReadRequest.Kind
        switch query.selection {
        case .key(let key), .page(.some(let key), _):
            guard key.isOne(of: query.resource) else { return RowBatch(width: query.resource.width) }
            kind = .rows(table, query)
        case .page(nil, _): kind = .rows(table, query)
        case .list(let list): kind = .list(ListRead(list, query, table))
        case .count(let filter): kind = .list(ListRead(counting: filter, query, table))
        }
        return try await read(kind, traffic, context)
    }

    private func read(
        _ kind: ReadRequest.Kind, _ traffic: Traffic, _ context: RequestContext
    ) async throws(StorageError) -> RowBatch {
        do throws(StorageError) {
            return try await traffic.reads.read(kind, until: context.deadline(within: options.timeout))
        } catch {
            inspectTables(after: error, traffic)
            throw error
        }
    }

    public func commit(_ transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult
    {
        let traffic = try current()
        if let mutation = transaction.mutations.first(where: { traffic.catalog.table(of: $0.resource) == nil }) {
            throw .internal("\(mutation.resource.name) was not prepared")
        }
        do throws(StorageError) {
            return try await traffic.writes.commit(transaction, until: context.deadline(within: options.timeout))
        } catch {
            inspectTables(after: error, traffic)
            // It was not begun. An earlier one with its key may have been done: then not to say so would be wrong.
            guard case .timedOut = error, let known = await knownResult(of: transaction, traffic) else { throw error }
            return known
        }
    }

    /// The health tells whether others have removed something: a load balancer then sends requests elsewhere.
    private func inspectTables(after error: StorageError, _ traffic: Traffic) {
        if case .outdated = error { traffic.inspection.pull() }
    }

    private func knownResult(of transaction: Transaction, _ traffic: Traffic) async -> CommitResult? {
        guard let idempotency = transaction.idempotency else { return nil }
        let kind = ReadRequest.Kind.knownResult(idempotency, transaction.time)
        let rows = try? await traffic.reads.read(kind, until: .now + ExclusiveConnections.grace)
        return rows.flatMap { transaction.result(in: $0) }
    }

    public func replay(of transaction: Transaction, _ context: RequestContext) async throws(StorageError)
        -> CommitResult?
    {
        let traffic = try current()
        guard let idempotency = transaction.idempotency else { return nil }
        let kind = ReadRequest.Kind.knownResult(idempotency, transaction.time)
        return transaction.result(in: try await read(kind, traffic, context))
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
}

// MARK: - Migrating

extension PostgresDatabase {
    private var session: SessionSettings {
        SessionSettings(synchronousCommit: options.synchronousCommit, timeout: options.timeout)
    }

    private func address() throws(StorageError) -> ConnectionAddress {
        guard ConnectionAddress.isSupported, let address = ConnectionAddress(options.url) else {
            throw .unusable("libpq isn't installed, or can't read the connection string")
        }
        if let mistake = ConnectionStringMistake.description(of: options.url) {
            throw .unusable("the connection string \(mistake)")
        }
        return address
    }

    /// On a connection for this alone, and a thread that may wait.
    /// - Returns: the schema that holds the tables, too.
    private func migrate(
        to schemas: [ResourceSchema], _ mode: Migration.Mode, _ address: ConnectionAddress, _ session: SessionSettings,
        isStart: Bool = false
    ) async throws(PostgresError) -> (migration: Migration, schema: String) {
        let pool = BlockingPool("postgres-setup", threads: 1, bound: 1)
        let (logger, time) = (logger, Timestamp(clamping: options.clock.now()))
        let interruption = Interruption()
        var session = session
        session.interruption = interruption
        let result: Result<(Migration, String), PostgresError>? = await withTaskCancellationHandler {
            try? await pool.run { [session] () -> Result<(Migration, String), PostgresError> in
                Result { () throws(PostgresError) in
                    let connection = try BlockingConnection(address, for: .setup, session)
                    try PoolerCheck.run(connection, address, session)
                    connection.allowsLongStatements = true
                    let migrator = Migrator(
                        definitions: Definitions(schemas), connection: connection, time: time, logger: logger,
                        isStart: isStart, timeout: session.timeout)
                    guard mode != .plan else { return (try migrator.plan(), connection.schema) }
                    let migration = try migrator.migrate(mode)
                    Self.tell(migration, logger, connection)
                    return (migration, connection.schema)
                }
            }
        } onCancel: {
            interruption.interrupt()
        }
        guard let result else { throw .system("the system has no thread left for the database") }
        return try result.get()
    }

    private static func tell(_ migration: Migration, _ logger: Logger, _ connection: BlockingConnection) {
        let database: Logger.Metadata = ["database": "\(connection.description)"]
        for repair in migration.repairs { logger.warning("made again: \(repair)", metadata: database) }
        if !migration.kept.isEmpty {
            let kept = Logger.MetadataValue.array(migration.kept.map { "\($0)" })
            logger.warning(
                """
                the tables were migrated for later resources, and stay so: a server with those may run. \
                `martlet migrate` goes back to these resources
                """, metadata: database.merging(["kept": kept]) { $1 })
        } else if migration.steps.isEmpty {
            logger.info("the database fits", metadata: database)
        } else {
            let changes = Logger.MetadataValue.array(migration.changes.map { "\($0.summary)" })
            logger.info("the tables were migrated", metadata: database.merging(["changes": changes]) { $1 })
        }
    }
}
