import CSQLite

extension Connection {
    func configure(_ role: Role) throws(SQLiteError) {
        // The order matters: what protects comes before the first statement that reads the file.
        try set(SQLITE_DBCONFIG_DEFENSIVE, true)
        try set(SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)
        // "nope" is a column or an error, never the text 'nope' (https://www.sqlite.org/quirks.html, 8).
        try set(SQLITE_DBCONFIG_DQS_DDL, false)
        try set(SQLITE_DBCONFIG_DQS_DML, false)
        try set(SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, false)
        // Plans don't depend on parameters: else one for a pattern would be made again for each
        // (https://www.sqlite.org/queryplanner-ng.html#qpstab).
        try set(SQLITE_DBCONFIG_ENABLE_QPSG, true)
        // Only the writer's thread makes checkpoints, and only when it says so: two connections that write or make
        // checkpoints at once can lose data before 3.51.3 (https://www.sqlite.org/wal.html, "The WAL-Reset Bug").
        try set(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)
        try execute("PRAGMA wal_autocheckpoint = 0; PRAGMA mmap_size = 0; PRAGMA cell_size_check = ON")
        if case .writer(let synchronous) = role { try configureWriter(synchronous) }
    }

    private func configureWriter(_ synchronous: Synchronous) throws(SQLiteError) {
        try waitingForLocks(milliseconds: 2000) { () throws(SQLiteError) in
            let mode = try text("PRAGMA journal_mode = WAL")
            guard mode == "wal" else { throw SQLiteError(SQLITE_CANTOPEN, "no write-ahead log here, but \(mode)") }
        }
        try setSynchronous(synchronous.rawValue)
        try execute("PRAGMA foreign_keys = ON; PRAGMA cache_size = -4096; PRAGMA journal_size_limit = \(32 << 20)")
    }

    func setSynchronous(_ level: String) throws(SQLiteError) {
        try execute("PRAGMA synchronous = \(level)")
    }

    /// The last connection to close brings the log into the database and removes it.
    func checkpointOnClose() throws(SQLiteError) {
        try set(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)
    }

    /// What meets another process's lock in `body` is tried again for so long. Else nothing waits, checkpoints above
    /// all: they would hold the writer until the slowest reader is done.
    func waitingForLocks<R>(milliseconds: Int32, _ body: () throws(SQLiteError) -> R) throws(SQLiteError) -> R {
        sqlite3_busy_timeout(handle, milliseconds)
        defer { sqlite3_busy_timeout(handle, 0) }
        return try body()
    }

    private func set(_ option: Int32, _ isOn: Bool) throws(SQLiteError) {
        try check(martlet_sqlite_set(handle, option, isOn ? 1 : 0))
    }
}
