import CSQLite
import MartletKernel
import MartletModel

/// What is kept of transactions that a client may send again.
final class IdempotencyTable {
    /// Old entries that go when a new one comes.
    private static let purgedPerEntry: Int64 = 2
    /// Old entries that go in one step when there is nothing else to do.
    private static let purgedPerStep: Int64 = 256

    private let connection: Connection
    private var select: Statement?
    private var insert: Statement?
    private var delete: Statement?

    init(on connection: Connection) {
        self.connection = connection
    }

    /// What became of the transaction, if it was committed before.
    func result(of transaction: Transaction) throws(SQLiteError) -> CommitResult? {
        guard let idempotency = transaction.idempotency else { return nil }
        let statement = try connection.statement(
            keptIn: &select,
            "SELECT fingerprint, time, result FROM martlet_idempotency WHERE scope = ?1 AND time > ?2 AND time <= ?3")
        try statement.bind(idempotency.scope, at: 1)
        let time = transaction.time.microsecondsSince1970
        try statement.bind(time - Idempotency.lifetime, at: 2)
        try statement.bind(time + Idempotency.lifetime, at: 3)
        defer { statement.reset() }
        guard try statement.step() else { return nil }
        return transaction.result(
            of: IdempotencyEntry(
                fingerprint: UInt64(bitPattern: statement.integer(0)), time: Timestamp(clamping: statement.integer(1)),
                result: statement.blob(2)))
    }

    /// Keeps what became of a transaction, in the same commit.
    func keep(_ written: [Written], of transaction: Transaction) throws(SQLiteError) {
        guard let idempotency = transaction.idempotency else { return }
        let time = transaction.time.microsecondsSince1970
        let statement = try connection.statement(
            keptIn: &insert,
            "INSERT OR REPLACE INTO martlet_idempotency (scope, fingerprint, time, result) VALUES (?1, ?2, ?3, ?4)")
        try statement.bind(idempotency.scope, at: 1)
        try statement.bind(Int64(bitPattern: idempotency.fingerprint), at: 2)
        try statement.bind(time, at: 3)
        try statement.bind(transaction.encode(written), at: 4)
        try statement.run()
        let (oldest, latest) = (time - Idempotency.lifetime, time + Idempotency.lifetime)
        _ = try purge(upTo: oldest, after: latest, atMost: Self.purgedPerEntry)
    }

    /// Drops a step's worth of entries that are too old, or of a time when the clock was far ahead.
    /// - Returns: whether there may be more of them.
    func purge(_ clock: TransactionClock) throws(SQLiteError) -> Bool {
        let bounds = clock.purgeBounds
        return try purge(
            upTo: bounds.oldest.microsecondsSince1970, after: bounds.latest.microsecondsSince1970,
            atMost: Self.purgedPerStep) == Self.purgedPerStep
    }

    private func purge(upTo oldest: Int64, after latest: Int64, atMost count: Int64) throws(SQLiteError) -> Int64 {
        let statement = try connection.statement(
            keptIn: &delete,
            "DELETE FROM martlet_idempotency WHERE rowid IN (SELECT rowid FROM martlet_idempotency "
                + "WHERE time <= ?1 OR time > ?2 LIMIT ?3)")
        try statement.bind(oldest, at: 1)
        try statement.bind(latest, at: 2)
        try statement.bind(count, at: 3)
        try statement.run()
        return Int64(sqlite3_changes(connection.handle))
    }
}
