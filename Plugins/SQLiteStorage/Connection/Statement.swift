import CSQLite

/// A prepared statement, kept for its connection's life. It holds its place in the database from the first ``step()`` to
/// ``reset()``: whoever steps, resets.
final class Statement {
    let handle: OpaquePointer
    /// Kept, so that it doesn't close before its statements are gone.
    private let connection: Connection

    init(_ sql: String, on connection: Connection) throws(SQLiteError) {
        handle = try connection.prepare(sql)
        self.connection = connection
    }

    deinit {
        connection.finalize(handle)
    }

    /// Whether there is a row to read.
    func step() throws(SQLiteError) -> Bool {
        let code = sqlite3_step(handle)
        if code == SQLITE_ROW { return true }
        guard code == SQLITE_DONE else { throw error(code) }
        return false
    }

    /// Its code repeats what ``step()`` has thrown.
    func reset() {
        sqlite3_reset(handle)
    }

    /// Runs to the end, without reading a row.
    func run() throws(SQLiteError) {
        defer { reset() }
        while try step() {}
    }

    func error(_ code: Int32) -> SQLiteError {
        SQLiteError(code, on: connection.handle)
    }

    func check(_ code: Int32) throws(SQLiteError) {
        guard code == SQLITE_OK else { throw error(code) }
    }
}

extension Connection {
    /// The statement of a place that keeps it, made when it is first needed.
    func statement(
        keptIn place: inout Statement?, _ sql: @autoclosure () -> String
    ) throws(SQLiteError) -> Statement {
        if let statement = place { return statement }
        let statement = try Statement(sql(), on: self)
        place = statement
        return statement
    }
}
