import CSQLite

/// A connection to the database. One thread at a time may use it: it is opened with `SQLITE_OPEN_NOMUTEX`, so SQLite
/// itself doesn't look (<https://www.sqlite.org/threadsafe.html>).
final class Connection {
    enum Role: Equatable {
        case writer(Synchronous)
        case reader
        /// For a database in memory, empty, that goes with its connection.
        case scratch
    }

    let handle: OpaquePointer
    private(set) var isOpen = true
    /// Those that ``Statement`` has made. A virtual table has statements of its own on the same connection, which only it may
    /// finalize.
    private var statements: Set<OpaquePointer> = []

    /// - Parameters:
    ///   - path: absolute, so that no name means something to SQLite (`file:…`, `:memory:`). The file exists.
    ///   - vfs: the name of SQLite's way to the file system; nil is its default.
    init(_ role: Role, path: String, vfs: String? = nil) throws(SQLiteError) {
        _ = Self.library
        var handle: OpaquePointer?
        let mode = role == .reader ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE
        let code = sqlite3_open_v2(path, &handle, mode | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs)
        guard code == SQLITE_OK, let handle else {
            let error = SQLiteError(code, on: handle).withSystemError(of: handle)
            sqlite3_close_v2(handle)
            throw error
        }
        self.handle = handle
        try configure(role)
    }

    static func inMemory() throws(SQLiteError) -> Connection {
        try Connection(.scratch, path: ":memory:")
    }

    deinit {
        close()
    }

    /// Takes its statements with it: as long as one is there, SQLite doesn't really close
    /// (<https://www.sqlite.org/c3ref/close.html>).
    func close() {
        guard isOpen else { return }
        isOpen = false
        for statement in statements { sqlite3_finalize(statement) }
        statements = []
        sqlite3_close_v2(handle)
    }

    /// - Returns: a statement that has to be finalized with ``finalize(_:)``.
    func prepare(_ sql: String) throws(SQLiteError) -> OpaquePointer {
        var statement: OpaquePointer?
        try check(sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil))
        guard let statement else { throw SQLiteError(SQLITE_MISUSE, "no statement: \(sql)") }
        statements.insert(statement)
        return statement
    }

    /// Does nothing once the connection is closed.
    func finalize(_ statement: OpaquePointer) {
        guard statements.remove(statement) != nil else { return }
        sqlite3_finalize(statement)
    }

    /// Whether a transaction is open: some errors, and triggers with `RAISE(ROLLBACK)`, end it.
    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// Runs statements that take no values and whose rows don't matter.
    func execute(_ sql: String) throws(SQLiteError) {
        try check(sqlite3_exec(handle, sql, nil, nil, nil))
    }

    /// The first column of the first row.
    func integer(_ sql: String) throws(SQLiteError) -> Int64 {
        let statement = try Statement(sql, on: self)
        return try statement.step() ? statement.integer(0) : 0
    }

    /// The first column of the first row.
    func text(_ sql: String) throws(SQLiteError) -> String {
        let statement = try Statement(sql, on: self)
        return try statement.step() ? statement.text(0) : ""
    }

    /// Leaves the transaction, if there is one: after some errors SQLite has rolled back by itself
    /// (<https://www.sqlite.org/lang_transaction.html>, 3).
    func rollBack() {
        guard isInTransaction else { return }
        sqlite3_exec(handle, "ROLLBACK", nil, nil, nil)
    }

    func check(_ code: Int32) throws(SQLiteError) {
        guard code == SQLITE_OK else { throw SQLiteError(code, on: handle) }
    }

    /// Before SQLite's first use in this process. Where other code was faster it stays as that code has it.
    private static let library: Int32 = martlet_sqlite_count_no_memory()
}
