import CSQLite
import MartletKernel
import MartletModel

/// The only connection that writes, with its statements. It belongs to the writer's thread.
final class WritingConnection {
    /// How long to wait for another process that writes, before a batch is refused.
    private static let lockPatience: Int32 = 1000

    private let catalog: Catalog
    private let connection: Connection
    private let tables: [TableWriter]
    private let versions: VersionSequence
    private let idempotency: IdempotencyTable
    private let begin: Statement
    private let commitAll: Statement
    private let savepoint: Statement
    private let release: Statement
    private let rollBack: Statement
    /// Where SQLite's callback leaves the number of pages in the log after a commit.
    private let pages: UnsafeMutablePointer<Int32>
    /// The pages that the last checkpoint has met.
    private var checkpointedPages: Int32 = 0
    /// 4 MiB, as SQLite itself has it.
    private static let pagesBetweenCheckpoints: Int32 = 1000

    init(_ connection: Connection, _ catalog: Catalog) throws(SQLiteError) {
        self.catalog = catalog
        self.connection = connection
        tables = catalog.tables.map { TableWriter($0, catalog, on: connection) }
        versions = try VersionSequence(on: connection)
        idempotency = IdempotencyTable(on: connection)
        // IMMEDIATE: what waits for the write lock is the batch's begin, never a statement in its middle.
        begin = try Statement("BEGIN IMMEDIATE", on: connection)
        commitAll = try Statement("COMMIT", on: connection)
        savepoint = try Statement("SAVEPOINT one", on: connection)
        release = try Statement("RELEASE one", on: connection)
        rollBack = try Statement("ROLLBACK TO one", on: connection)
        pages = .allocate(capacity: 1)
        pages.initialize(to: 0)
        // A hook of one's own takes the place of automatic checkpoints (https://www.sqlite.org/c3ref/wal_hook.html).
        sqlite3_wal_hook(connection.handle, Self.countPages, pages)
    }

    deinit {
        connection.close()
        pages.deallocate()
    }

    // MARK: - Batches

    func beginBatch() throws(SQLiteError) {
        do throws(SQLiteError) {
            try begin.run()
        } catch let error where error.isLock {
            try connection.waitingForLocks(milliseconds: Self.lockPatience) { () throws(SQLiteError) in
                try begin.run()
            }
        }
    }

    func commitBatch() throws(SQLiteError) {
        try commitAll.run()
    }

    /// After an error.
    func abandonBatch() {
        connection.rollBack()
    }

    /// Does one transaction of a batch, or leaves no trace of it.
    /// - Returns: a failure when the fault is this transaction's alone.
    /// - Throws: what ends the whole batch.
    func run(_ transaction: Transaction) throws(SQLiteError) -> Result<CommitResult, StorageError> {
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
        } catch let error where error.concernsStatementAlone {
            try undo()
            return .failure(StorageError(error))
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
        try rollBack.run()
        try release.run()
    }

    // MARK: - Care

    /// Drops idempotency entries that are too old, a step's worth.
    /// - Returns: how many.
    func purgeIdempotency(now: Int64) throws(SQLiteError) -> Int {
        try beginBatch()
        do throws(SQLiteError) {
            let count = try idempotency.purge(now: now)
            try commitBatch()
            return count
        } catch {
            abandonBatch()
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
            abandonBatch()
            throw error
        }
    }

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
    func close() {
        do throws(SQLiteError) { try connection.checkpointOnClose() } catch { /* The next start does it. */  }
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
}
