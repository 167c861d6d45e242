import CSQLite
public import Logging
public import MartletKernel
public import MartletModel
import Synchronization

/// A ``Storage`` in one file, kept by SQLite. The plugin ``SQLiteStorage`` provides one; it works as well by itself.
///
/// Reads run on their caller's thread while they are short, else, or where no index bounds them, on a few threads of their
/// own. Writes go to the one thread that writes.
public final class SQLiteDatabase: Storage {
    private let options: Options
    private let logger: Logger
    private let readers: ReaderPool
    private let longReads: LongReads
    private let scans: LongReads
    private let writer: Writer
    /// Kept from ``prepare(_:)`` to the end of ``close()``: its lock keeps other servers out.
    private let file = Mutex<DatabaseFile?>(nil)

    /// Opens nothing yet.
    public init(_ options: Options, logger: Logger = Logger(label: "storage.sqlite")) {
        self.options = options
        self.logger = logger
        readers = ReaderPool(bound: options.readers)
        longReads = LongReads(.others, options, logger: logger)
        scans = LongReads(.scans, options, logger: logger)
        writer = Writer(bound: options.queue, timeout: options.timeout, logger: logger)
    }

    public func prepare(_ schemas: [ResourceSchema]) async throws(StorageError) {
        do throws(StorageError) {
            try open(schemas)
        } catch {
            await close()
            throw error
        }
    }

    public func migrate(to schemas: [ResourceSchema], _ mode: Migration.Mode) async throws(StorageError) -> Migration {
        if mode == .plan { return try plan(Catalog(schemas)) }
        let file = try DatabaseFile(options.path)
        // The lock goes with the last reference.
        return try withExtendedLifetime(file) { () throws(StorageError) in
            try unusable(file.path) { () throws(SQLiteError) in
                try checkVersion()
                let connection = try Connection(.writer(options.synchronous), path: file.path, vfs: options.vfs)
                defer { connection.close() }
                let migration = try migrate(connection, Catalog(schemas), mode)
                try connection.checkpointOnClose()
                return migration
            }
        }
    }

    public func rows(for query: Query, _ context: RequestContext) async throws(StorageError) -> RowBatch {
        try await beginRead(query, context).get()
    }

    public func beginRead(
        _ query: Query, _ context: RequestContext
    ) throws(StorageError) -> Eventual<RowBatch, StorageError> {
        let isBounded = query.isBounded
        if isBounded, let rows = try readWithinBudget({ reader throws(SQLiteError) in try reader.rows(for: query) }) {
            return .now(rows)
        }
        return .later { [reads = isBounded ? longReads : scans] () async throws(StorageError) -> RowBatch in
            try await reads.rows(for: query, context)
        }
    }

    public func commit(_ transaction: Transaction, _ context: RequestContext) async throws(StorageError) -> CommitResult
    {
        try await writer.commit(transaction, context)
    }

    public func replay(of transaction: Transaction, _ context: RequestContext) async throws(StorageError)
        -> CommitResult?
    {
        try await read(for: context) { reader throws(SQLiteError) in try reader.replay(of: transaction) }
    }

    public func health() async -> Health {
        writer.health
    }

    /// Readers first: see ``Connection/configure(_:)``. What the disk holds back is given up at a deadline, with its threads.
    public func close() async {
        let begin = ContinuousClock.now
        let (cancellationTime, deadline) = (begin + options.closeTimeout / 2, begin + options.closeTimeout)
        var isClosed = await readers.close(until: deadline)
        for reads in [longReads, scans]
        where await !reads.close(cancellingAt: cancellationTime, until: deadline) { isClosed = false }
        if await !writer.close(until: deadline) { isClosed = false }
        // The lock stays for as long as a thread may still write.
        guard isClosed else { return reportUnfinished() }
        file.withLock { $0 = nil }
    }

    private func reportUnfinished() {
        logger.error(
            "the database was not closed in time: the disk or a statement holds it. What was acknowledged is on the disk",
            metadata: ["path": "\(options.path)", "timeout": "\(options.closeTimeout)"])
    }

    /// Transactions that wait for the writer.
    var waitingTransactions: Int { writer.waiting }

    /// On this thread if it is short, else on one that may wait.
    private func read<Value: Sendable>(
        for context: RequestContext, _ body: @escaping @Sendable (Reader) throws(SQLiteError) -> Value
    ) async throws(StorageError) -> Value {
        if let value = try readWithinBudget(body) { return value }
        return try await longReads.read(for: context, body)
    }

    /// Without a wait: what this thread may do even if it belongs to an event loop.
    /// - Returns: nil if that isn't enough.
    private func readWithinBudget<Value>(
        _ body: (Reader) throws(SQLiteError) -> Value
    ) throws(StorageError) -> Value? {
        guard let reader = try readers.take() else { return nil }
        do throws(SQLiteError) {
            let value = try body(reader)
            readers.giveBack(reader)
            return value
        } catch {
            readers.giveBack(reader, isBroken: !error.leavesConnectionUsable)
            if error.isInterruption || error.isLock || error.isTooBig { return nil }
            throw StorageError(error)
        }
    }
}

// MARK: - Opening

extension SQLiteDatabase {
    private func open(_ schemas: [ResourceSchema]) throws(StorageError) {
        let file = try DatabaseFile(options.path)
        self.file.withLock { $0 = file }
        try unusable(file.path) { () throws(SQLiteError) in try open(file, Catalog(schemas)) }
        logger.info("the database is open", metadata: ["path": "\(file.path)"])
    }

    private func unusable<Result>(
        _ path: String, _ body: () throws(SQLiteError) -> Result
    ) throws(StorageError) -> Result {
        do throws(SQLiteError) {
            return try body()
        } catch {
            let message = "\(path): \(error.message)"
            // Another process holds a lock, which it may give up.
            throw error.isLock ? .unavailable(message) : .unusable(message)
        }
    }

    private func checkVersion() throws(SQLiteError) {
        guard sqlite3_libversion_number() >= 3_037_000 else {
            throw SQLiteError(
                SQLITE_ERROR, "SQLite \(String(cString: sqlite3_libversion())) has no STRICT tables: 3.37 does")
        }
    }

    private func open(_ file: DatabaseFile, _ catalog: Catalog) throws(SQLiteError) {
        try checkVersion()
        let (path, synchronous, vfs) = (file.path, options.synchronous, options.vfs)
        let connection = try Connection(.writer(synchronous), path: path, vfs: vfs)
        _ = try migrate(connection, catalog, .lossless)
        // Readers come after the writer and go before it.
        let schema = try SchemaSnapshot(catalog, on: connection)
        let files = DatabaseFileCheck(file)
        let budget = Int32(clamping: options.readBudget)
        try readers.start { slot throws(SQLiteError) in
            try files.check()
            return try Reader(
                slot: slot, path: path, vfs: vfs, catalog: catalog, schema: schema, limit: .instructions(budget))
        }
        for reads in [longReads, scans] {
            try reads.readers.start { slot throws(SQLiteError) in
                try files.check()
                return try Reader(
                    slot: slot, path: path, vfs: vfs, catalog: catalog, schema: schema,
                    limit: .deadline(reads.cancellation))
            }
        }
        let care = WriterThread.Care(
            synchronous: synchronous, idlePause: options.idlePause, purgePause: options.purgePause,
            fileCheckPause: options.fileCheckPause, largeLog: options.largeLog, logger: logger, clock: options.clock,
            reopen: { [logger] () throws(SQLiteError) in
                try WritingConnection(Connection(.writer(synchronous), path: path, vfs: vfs), catalog, schema, logger)
            },
            waitForPresentReads: { [readers, longReads, scans] in
                if readers.waitForPresentReads(), longReads.readers.waitForPresentReads() {
                    scans.readers.waitForPresentReads()
                }
            })
        try writer.start(
            WritingConnection(connection, catalog, schema, logger), ReadAnchor(path: path, vfs: vfs), files, care)
    }
}

// MARK: - Migrating

extension SQLiteDatabase {
    private func migrate(
        _ connection: Connection, _ catalog: Catalog, _ mode: Migration.Mode
    ) throws(SQLiteError) -> Migration {
        let time = Timestamp(clamping: options.clock.now())
        let migration = try Migrator(catalog: catalog, connection: connection, time: time).migrate(mode)
        for repair in migration.repairs { logger.warning("made again: \(repair)") }
        if !migration.steps.isEmpty {
            logger.info(
                "the tables were migrated",
                metadata: ["changes": .array(migration.changes.map { "\($0.summary)" })])
        }
        return migration
    }

    /// Without the lock, so that it can be told beside a server. A file that isn't there is as one that is empty.
    private func plan(_ catalog: Catalog) throws(StorageError) -> Migration {
        let path = try DatabaseFile.existing(options.path)
        return try unusable(path ?? options.path) { () throws(SQLiteError) in
            try checkVersion()
            let connection: Connection
            if let path {
                connection = try Connection(.reader, path: path, vfs: options.vfs)
            } else {
                connection = try .inMemory()
            }
            let time = Timestamp(clamping: options.clock.now())
            return try Migrator(catalog: catalog, connection: connection, time: time).plan()
        }
    }
}
