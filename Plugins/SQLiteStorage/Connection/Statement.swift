import CSQLite
import MartletModel

/// A prepared statement, kept for its connection's life. It holds its place in the database from the first ``step()`` to
/// ``reset()``: whoever steps, resets.
final class Statement {
    let handle: OpaquePointer
    /// Kept, so that it doesn't close before its statements are gone.
    private let connection: Connection

    init(_ sql: String, on connection: Connection) throws(SQLiteError) {
        var handle: OpaquePointer?
        try connection.check(
            sqlite3_prepare_v3(connection.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil))
        guard let handle else { throw SQLiteError(SQLITE_MISUSE, "no statement: \(sql)") }
        self.handle = handle
        self.connection = connection
    }

    deinit {
        if connection.isOpen { sqlite3_finalize(handle) }
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

    private func check(_ code: Int32) throws(SQLiteError) {
        guard code == SQLITE_OK else { throw error(code) }
    }
}

// MARK: - Values in: parameters count from 1

extension Statement {
    func bind(_ value: Int64, at parameter: Int32) throws(SQLiteError) {
        try check(sqlite3_bind_int64(handle, parameter, value))
    }

    func bindNull(at parameter: Int32) throws(SQLiteError) {
        try check(sqlite3_bind_null(handle, parameter))
    }

    func bind(_ key: Key, at parameter: Int32) throws(SQLiteError) {
        switch key {
        case .integer(let value): try bind(value, at: parameter)
        }
    }

    /// For statements that run once or rarely: SQLite takes a copy.
    func bind(_ text: String, at parameter: Int32) throws(SQLiteError) {
        // SQLITE_TRANSIENT is a cast that Swift doesn't import.
        let copy = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        try check(sqlite3_bind_text(handle, parameter, text, -1, copy))
    }

    /// Binds a cell without a copy: `heap`, its batch's, must be there until ``reset()``.
    /// An absent cell is bound as null.
    func bind(_ cell: Cell, in heap: UnsafeRawBufferPointer, at parameter: Int32) throws(SQLiteError) {
        switch cell.tag {
        case .absent, .null:
            try bindNull(at: parameter)
        case .integer:
            try bind(Int64(bitPattern: cell.bits), at: parameter)
        case .string:
            let bytes = UnsafeRawBufferPointer(rebasing: heap[Int(cell.bits)..<Int(cell.bits) + Int(cell.length)])
            try bind(utf8: bytes, at: parameter)
        }
    }

    private func bind(utf8: UnsafeRawBufferPointer, at parameter: Int32) throws(SQLiteError) {
        // A null pointer would bind null, where an empty text is meant.
        guard let start = utf8.baseAddress, utf8.count > 0 else {
            return try check(
                sqlite3_bind_text(handle, parameter, "", 0, unsafeBitCast(-1, to: sqlite3_destructor_type.self)))
        }
        let text = start.assumingMemoryBound(to: CChar.self)
        // The nil is SQLITE_STATIC: SQLite neither copies nor frees.
        try check(sqlite3_bind_text64(handle, parameter, text, UInt64(utf8.count), nil, UInt8(SQLITE_UTF8)))
    }
}

// MARK: - Values out: columns count from 0

extension Statement {
    func integer(_ column: Int32) -> Int64 {
        sqlite3_column_int64(handle, column)
    }

    func text(_ column: Int32) -> String {
        sqlite3_column_text(handle, column).map { String(cString: $0) } ?? ""
    }

    func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    /// Adds the row that was stepped to.
    func appendRow(to rows: inout RowBatch) throws(SQLiteError) {
        // Only what has been stepped knows its columns: a statement is prepared again, unseen, when the schema changes.
        let width = sqlite3_data_count(handle)
        guard Int(width) == rows.width else {
            throw SQLiteError(SQLITE_MISMATCH, "\(width) columns instead of \(rows.width)")
        }
        for column in 0..<width {
            // One look-up for each column. In SQLite's multi-thread mode what it gives may be read like any other value
            // (https://www.sqlite.org/c3ref/value.html).
            let value = sqlite3_column_value(handle, column)
            switch sqlite3_value_type(value) {
            case SQLITE_INTEGER: rows.append(.integer(sqlite3_value_int64(value)))
            case SQLITE_TEXT: try appendText(value, to: &rows)
            case SQLITE_NULL: rows.append(.null)
            case let type: throw SQLiteError(SQLITE_MISMATCH, "column \(column) holds a value of type \(type)")
            }
        }
    }

    private func appendText(_ value: OpaquePointer?, to rows: inout RowBatch) throws(SQLiteError) {
        // In this order: the count is that of the form which the pointer call made.
        guard let text = sqlite3_value_text(value) else { throw error(SQLITE_NOMEM) }
        let count = Int(sqlite3_value_bytes(value))
        rows.append(utf8: UnsafeRawBufferPointer(start: text, count: count))
    }
}
