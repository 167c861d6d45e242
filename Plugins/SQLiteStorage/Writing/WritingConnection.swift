import CSQLite
import Logging
import MartletKernel
import MartletModel
import MartletSQL

/// The only connection that writes, with its statements. It belongs to the writer's thread.
final class WritingConnection {
    /// Where SQLite's callback finds the request whose statements run, to interrupt those of one that was answered.
    private final class CurrentRequest {
        var request: WriteRequest?
    }

    private let catalog: Catalog
    private let schema: SchemaSnapshot
    private let schemaVersion: Statement
    /// When the schema was looked at last.
    private var lastSchemaVersion: Int64
    /// What another program has done to the tables, if anything, by the last ``checkSchema()``.
    private(set) var schemaProblem: String?
    private let connection: Connection
    private let tables: [TableWriter]
    private let versions: VersionSequence
    private let idempotency: IdempotencyTable
    private let begin: Statement
    private let commitAll: Statement
    private let savepoint: Statement
    private let release: Statement
    private let rollBackOne: Statement
    /// Where SQLite's callback leaves the number of pages in the log after a commit.
    private let pages: UnsafeMutablePointer<Int32>
    /// The pages that the last checkpoint has met.
    private var checkpointedPages: Int32 = 0
    /// 4 MiB, as SQLite itself has it.
    private static let pagesBetweenCheckpoints: Int32 = 1000
    private let pageSize: Int64
    private let current = CurrentRequest()
    /// About 1 ms.
    private static let instructionsBetweenLooks: Int32 = 20_000

    init(
        _ connection: Connection, _ catalog: Catalog, _ schema: SchemaSnapshot, _ logger: Logger
    ) throws(SQLiteError) {
        self.catalog = catalog
        self.schema = schema
        schemaVersion = try Statement("PRAGMA schema_version", on: connection)
        lastSchemaVersion = schema.version
        self.connection = connection
        let keys = try Self.highestKeys(on: connection)
        tables = catalog.tables.map { table in
            TableWriter(
                table, catalog, on: connection, highestKey: keys[table.schema.table.lowercased()] ?? 0, logger)
        }
        versions = try VersionSequence(on: connection)
        idempotency = IdempotencyTable(on: connection)
        // IMMEDIATE: what waits for the write lock is the batch's begin, never a statement in its middle.
        begin = try Statement("BEGIN IMMEDIATE", on: connection)
        commitAll = try Statement("COMMIT", on: connection)
        savepoint = try Statement("SAVEPOINT one", on: connection)
        release = try Statement("RELEASE one", on: connection)
        rollBackOne = try Statement("ROLLBACK TO one", on: connection)
        pageSize = try connection.integer("PRAGMA page_size")
        pages = .allocate(capacity: 1)
        pages.initialize(to: 0)
        // A hook of one's own takes the place of automatic checkpoints (https://www.sqlite.org/c3ref/wal_hook.html).
        sqlite3_wal_hook(connection.handle, Self.countPages, pages)
        sqlite3_progress_handler(
            connection.handle, Self.instructionsBetweenLooks, Self.isAnswered,
            Unmanaged.passUnretained(current).toOpaque())
    }

    deinit {
        connection.close()
        pages.deallocate()
    }

    /// The highest key that was given in each table whose keys the database makes.
    private static func highestKeys(on connection: Connection) throws(SQLiteError) -> [String: Int64] {
        guard try connection.hasTable("sqlite_sequence") else { return [:] }
        let statement = try Statement("SELECT lower(name), seq FROM sqlite_sequence", on: connection)
        defer { statement.reset() }
        var keys: [String: Int64] = [:]
        while try statement.step() { keys[statement.text(0)] = statement.integer(1) }
        return keys
    }

    // MARK: - Batches

    /// - Parameter time: how long to wait for another process that writes.
    func beginBatch(waiting time: Duration = WriteRequest.lockTimeout) throws(SQLiteError) {
        do throws(SQLiteError) {
            try begin.run()
        } catch let error where error.isLock && time > .zero {
            let milliseconds = Int32(clamping: Int64(time / .milliseconds(1)))
            try connection.waitingForLocks(milliseconds: milliseconds) { () throws(SQLiteError) in
                try begin.run()
            }
        }
    }

    func commitBatch() throws(SQLiteError) {
        try commitAll.run()
    }

    /// Undoes all that was done since ``beginBatch(waiting:)``.
    func abandonBatch() throws(SQLiteError) {
        rollBack()
        try versions.reload()
    }

    /// After an error, with which the connection is no longer used.
    func rollBack() {
        connection.rollBack()
    }

    /// Does one transaction of a batch, or leaves no trace of it.
    /// - Returns: a failure when the fault is this transaction's alone.
    /// - Throws: what ends the whole batch: `SQLITE_INTERRUPT` when the request was answered meanwhile.
    func run(_ request: WriteRequest) throws(SQLiteError) -> WriteRequest.Answer {
        current.request = request
        defer { current.request = nil }
        do throws(SQLiteError) {
            return try run(request.transaction)
        } catch let error where error.concernsStatementAlone && !connection.isInTransaction {
            // A trigger with RAISE(ROLLBACK) has undone the others of the batch too: they are done again.
            request.answer(.failure(StorageError(error)))
            throw SQLiteError(SQLITE_INTERRUPT, error.message)
        }
    }

    private func run(_ transaction: Transaction) throws(SQLiteError) -> Result<CommitResult, StorageError> {
        if let known = try idempotency.result(of: transaction) { return .success(known) }
        try versions.reserve(transaction.mutations.count)
        try savepoint.run()
        do throws(SQLiteError) {
            let result = try apply(transaction)
            if case .committed(let written) = result {
                try idempotency.keep(written, of: transaction)
                try release.run()
            } else {
                try undo()
            }
            return .success(result)
        } catch let error where error.concernsStatementAlone && connection.isInTransaction {
            try undo()
            return .failure(StorageError(schema.explain(error, on: connection)))
        }
    }

    /// Does its mutations, each of which leaves no trace when it is refused: a statement that fails undoes what it has done.
    private func apply(_ transaction: Transaction) throws(SQLiteError) -> CommitResult {
        var results = TransactionResults(of: transaction)
        while let (mutation, change) = results.next() {
            guard let ordinal = catalog.ordinal(of: mutation.resource) else {
                throw SQLiteError(SQLITE_MISUSE, "\(mutation.resource.name) was not prepared")
            }
            let stamp = Stamp(version: versions.next(), time: transaction.time)
            switch try tables[ordinal].apply(change, if: mutation.precondition, stamp) {
            case .done(let record): results.append(record)
            case .refused(let reason): results.refuse(reason)
            }
        }
        return results.result
    }

    private func undo() throws(SQLiteError) {
        try rollBackOne.run()
        try release.run()
    }

    /// The table to which a transaction adds records, and which has given its highest key. SQLite says `SQLITE_FULL` then, as
    /// of a full disk.
    func tableWithoutKeys(for transaction: Transaction) throws(SQLiteError) -> String? {
        for mutation in transaction.mutations {
            guard let ordinal = catalog.ordinal(of: mutation.resource) else { continue }
            if try tables[ordinal].hasGivenLastKey() { return mutation.resource.table }
        }
        return nil
    }

    // MARK: - Maintenance

    /// Looks for what another program has done to the tables, once for each change of the schema.
    func checkSchema() throws(SQLiteError) {
        defer { schemaVersion.reset() }
        guard try schemaVersion.step() else { return }
        let version = schemaVersion.integer(0)
        guard version != lastSchemaVersion else { return }
        schemaProblem = try schema.problem(catalog, on: connection)
        lastSchemaVersion = version
    }

    /// Drops idempotency entries that are too old, a step's worth.
    /// - Returns: whether there may be more of them.
    func purgeIdempotency(_ clock: TransactionClock) throws(SQLiteError) -> Bool {
        try beginBatch()
        do throws(SQLiteError) {
            let isFullStep = try idempotency.purge(clock)
            try commitBatch()
            return isFullStep
        } catch {
            rollBack()
            throw error
        }
    }

    func hasIdempotencyEntries() throws(SQLiteError) -> Bool {
        try connection.integer("SELECT EXISTS (SELECT 1 FROM martlet_idempotency)") == 1
    }

    /// Commits a write that changes nothing. It shows that the disk takes writes.
    func probe() throws(SQLiteError) {
        let version = try connection.integer("PRAGMA user_version")
        try beginBatch()
        do throws(SQLiteError) {
            try connection.execute("PRAGMA user_version = \(version)")
            try commitBatch()
        } catch {
            rollBack()
            throw error
        }
    }

    /// Does a ``probe()``. In a log that was emptied its pages come before those that were counted last.
    func probeFindsEmptyLog() throws(SQLiteError) -> Bool {
        let before = pages.pointee
        try probe()
        return pages.pointee <= before
    }

    /// What the log's file has at least, after the last commit
    /// (<https://www.sqlite.org/fileformat2.html#the_write_ahead_log>).
    var logBytes: Int64 { pages.pointee == 0 ? 0 : 32 + Int64(pages.pointee) * (24 + pageSize) }

    /// Makes sure that a commit that failed stays failed.
    ///
    /// When a sync fails, the commit's pages may lie in the log already, complete, though nobody counts them: if the
    /// process died now, recovery would find them and bring the commit back. The next commit takes their place, so one
    /// that changes nothing is made at once. It doesn't wait for the disk, which has just failed to sync.
    func overwriteFailedCommit(_ synchronous: Synchronous) throws(SQLiteError) {
        try connection.setSynchronous("OFF")
        try probe()
        try connection.setSynchronous(synchronous.rawValue)
    }

    /// Enough is in the log. A checkpoint that a slow reader held back is made again when as much has come to it.
    func isCheckpointDue() -> Bool {
        // Less than there was: the log has begun anew.
        if pages.pointee < checkpointedPages { checkpointedPages = 0 }
        return pages.pointee >= checkpointedPages + Self.pagesBetweenCheckpoints
    }

    /// Brings the log's pages into the database, as far as no reader still needs what they replace.
    func checkpoint() throws(SQLiteError) {
        checkpointedPages = pages.pointee
        try checkpoint(SQLITE_CHECKPOINT_PASSIVE)
    }

    /// The same for the whole log, and makes its file empty.
    /// - Returns: false when a reader stood against it.
    func emptyLog() throws(SQLiteError) -> Bool {
        do throws(SQLiteError) {
            try checkpoint(SQLITE_CHECKPOINT_TRUNCATE)
            pages.pointee = 0
            return true
        } catch let error where error.isLock {
            return false
        }
    }

    /// The last to close, it leaves the database alone in its file.
    func close(withCheckpoint: Bool) {
        if withCheckpoint {
            do throws(SQLiteError) { try connection.checkpointOnClose() } catch { /* The next start does it. */  }
        }
        connection.close()
    }

    private func checkpoint(_ mode: Int32) throws(SQLiteError) {
        try connection.check(sqlite3_wal_checkpoint_v2(connection.handle, nil, mode, nil, nil))
    }

    private static let countPages:
        @convention(c) (UnsafeMutableRawPointer?, OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32 = {
            context, _, _, pages in
            context?.assumingMemoryBound(to: Int32.self).pointee = pages
            return SQLITE_OK
        }

    private static let isAnswered: @convention(c) (UnsafeMutableRawPointer?) -> Int32 = { context in
        guard let context else { return 0 }
        let current = Unmanaged<CurrentRequest>.fromOpaque(context).takeUnretainedValue()
        return current.request?.expireIfLate() == true ? 1 : 0
    }
}
