import CSQLite
import MartletModel

/// Values in: parameters count from 1.
extension Statement {
    func bind(_ value: Int64, at parameter: Int32) throws(SQLiteError) {
        try check(sqlite3_bind_int64(handle, parameter, value))
    }

    func bindNull(at parameter: Int32) throws(SQLiteError) {
        try check(sqlite3_bind_null(handle, parameter))
    }

    func bind(_ value: Int64?, at parameter: Int32) throws(SQLiteError) {
        if let value { try bind(value, at: parameter) } else { try bindNull(at: parameter) }
    }

    func bind(_ key: Key, at parameter: Int32) throws(SQLiteError) {
        switch key {
        case .integer(let value): try bind(value, at: parameter)
        case .string(let value): try bind(value, at: parameter)
        case .uuid(let value): try bind(value.bytes, at: parameter)
        }
    }

    /// For statements that run once or rarely: SQLite takes a copy.
    func bind(_ text: String, at parameter: Int32) throws(SQLiteError) {
        var text = text
        try text.withUTF8Typed { utf8 throws(SQLiteError) in
            try bind(utf8: UnsafeRawBufferPointer(utf8), at: parameter, Self.copied)
        }
    }

    /// The same for bytes.
    func bind(_ bytes: [UInt8], at parameter: Int32) throws(SQLiteError) {
        try bytes.span.bytes.withUnsafeBytes { bytes throws(SQLiteError) in
            try bind(blob: bytes, at: parameter, Self.copied)
        }
    }

    /// Binds a cell without a copy: `heap`, its batch's, must be there until ``reset()``.
    /// An absent cell is bound as null.
    func bind(_ cell: Cell, in heap: UnsafeRawBufferPointer, at parameter: Int32) throws(SQLiteError) {
        switch cell.tag {
        case .absent, .null:
            try bindNull(at: parameter)
        case .integer, .boolean, .timestamp:
            try bind(Int64(bitPattern: cell.bits), at: parameter)
        case .number:
            try check(sqlite3_bind_double(handle, parameter, Double(bitPattern: cell.bits)))
        case .date:
            try bind(cell.date?.description ?? "", at: parameter)
        case .string, .json:
            try bind(utf8: slice(of: cell, heap), at: parameter, Self.uncopied)
        case .uuid, .bytes:
            try bind(blob: slice(of: cell, heap), at: parameter, Self.uncopied)
        }
    }

    /// Binds a cell of a batch that may be gone before the statement has run: SQLite takes a copy.
    func bind(_ cell: Cell, of rows: RowBatch, at parameter: Int32) throws(SQLiteError) {
        try rows.withBytes(of: cell) { bytes throws(SQLiteError) in
            switch cell.tag {
            case .string, .json: try bind(utf8: bytes, at: parameter, Self.copied)
            case .uuid, .bytes: try bind(blob: bytes, at: parameter, Self.copied)
            default: try bind(cell, in: bytes, at: parameter)
            }
        }
    }

    private func slice(of cell: Cell, _ heap: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: heap[Int(cell.bits)..<Int(cell.bits) + Int(cell.length)])
    }

    /// `SQLITE_TRANSIENT`, a cast that Swift doesn't import.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
    /// `SQLITE_STATIC`: SQLite neither copies nor frees.
    private static var uncopied: sqlite3_destructor_type? { nil }

    private func bind(
        utf8: UnsafeRawBufferPointer, at parameter: Int32, _ destructor: sqlite3_destructor_type?
    ) throws(SQLiteError) {
        // A null pointer would bind null, where an empty text is meant.
        guard let start = utf8.baseAddress, utf8.count > 0 else {
            return try check(sqlite3_bind_text(handle, parameter, "", 0, Self.copied))
        }
        let text = start.assumingMemoryBound(to: CChar.self)
        try check(sqlite3_bind_text64(handle, parameter, text, UInt64(utf8.count), destructor, UInt8(SQLITE_UTF8)))
    }

    private func bind(
        blob bytes: UnsafeRawBufferPointer, at parameter: Int32, _ destructor: sqlite3_destructor_type?
    ) throws(SQLiteError) {
        guard let start = bytes.baseAddress, bytes.count > 0 else {
            return try check(sqlite3_bind_zeroblob(handle, parameter, 0))
        }
        try check(sqlite3_bind_blob64(handle, parameter, start, UInt64(bytes.count), destructor))
    }
}

/// Values out: columns count from 0.
extension Statement {
    func integer(_ column: Int32) -> Int64 {
        sqlite3_column_int64(handle, column)
    }

    func text(_ column: Int32) -> String {
        sqlite3_column_text(handle, column).map { String(cString: $0) } ?? ""
    }

    func blob(_ column: Int32) -> [UInt8] {
        guard let bytes = sqlite3_column_blob(handle, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(handle, column))))
    }

    /// Adds the row that was stepped to.
    /// - Parameter tags: what each column of the batch holds; absent are those that were not selected.
    func appendRow(to rows: inout RowBatch, _ tags: [Cell.Tag]) throws(SQLiteError) {
        var column: Int32 = 0
        for tag in tags {
            if tag == .absent {
                rows.append(.absent)
            } else {
                try append(column, tag, to: &rows)
                column += 1
            }
        }
        // Only what has been stepped knows its columns: a statement is prepared again, unseen, when the schema changes.
        let width = sqlite3_data_count(handle)
        guard width == column else { throw SQLiteError(SQLITE_MISMATCH, "\(width) columns instead of \(column)") }
    }

    /// Adds one value of the row that was stepped to.
    func append(_ column: Int32, _ tag: Cell.Tag, to rows: inout RowBatch) throws(SQLiteError) {
        // One look-up for each column. In SQLite's multi-thread mode what it gives may be read like any other value
        // (https://www.sqlite.org/c3ref/value.html).
        let value = sqlite3_column_value(handle, column)
        let type = sqlite3_value_type(value)
        switch (type, tag) {
        case (SQLITE_INTEGER, .integer): rows.append(.integer(sqlite3_value_int64(value)))
        case (SQLITE_TEXT, .string): try appendText(value, column, to: &rows)
        case (SQLITE_NULL, _): rows.append(.null)
        // A whole number is kept as an integer also in a REAL column (https://www.sqlite.org/datatype3.html, 3), and
        // RETURNING shows that.
        case (SQLITE_FLOAT, .number), (SQLITE_INTEGER, .number):
            let number = sqlite3_value_double(value)
            // Others may have written 9e999, which is infinite: no field takes it, and JSON has none.
            guard number.isFinite else { throw mismatch(column, type) }
            rows.append(.number(number))
        case (SQLITE_INTEGER, .boolean): rows.append(.boolean(sqlite3_value_int64(value) != 0))
        case (SQLITE_TEXT, .json): try appendJSON(value, column, to: &rows)
        case (SQLITE_BLOB, .bytes): appendBlob(value, .bytes, to: &rows)
        case (SQLITE_BLOB, .uuid) where sqlite3_value_bytes(value) == 16: appendBlob(value, .uuid, to: &rows)
        case (SQLITE_INTEGER, .timestamp), (SQLITE_TEXT, .date):
            guard let cell = Self.time(value, type) else { throw mismatch(column, type) }
            rows.append(cell)
        default: throw mismatch(column, type)
        }
    }

    /// Another program has put a value there that no field of this type takes.
    func mismatch(_ column: Int32, _ type: Int32, _ what: String? = nil) -> SQLiteError {
        let types = [
            SQLITE_INTEGER: "an integer", SQLITE_FLOAT: "a number", SQLITE_TEXT: "a text", SQLITE_BLOB: "a blob",
        ]
        let row = (0..<sqlite3_data_count(handle)).compactMap { column in
            shortText(column).map { (name(of: column), $0) }
        }
        return SQLiteError(
            UnreadableValue(
                column: name(of: column), what: what ?? types[type] ?? "a null",
                row: Dictionary(row) { first, _ in first }))
    }

    private func name(of column: Int32) -> String {
        sqlite3_column_name(handle, column).map { String(cString: $0) } ?? "\(column)"
    }

    /// Of what can be a key.
    private func shortText(_ column: Int32) -> String? {
        let count = sqlite3_column_bytes(handle, column)
        guard count <= 512 else { return nil }
        if sqlite3_column_type(handle, column) == SQLITE_BLOB {
            let bytes = UnsafeRawBufferPointer(start: sqlite3_column_blob(handle, column), count: Int(count))
            guard count == 16 else { return nil }
            var rows = RowBatch(width: 1)
            rows.append(.uuid, bytes)
            return Key(rows[0, 0], of: rows)?.description
        }
        return sqlite3_column_text(handle, column).map { String(cString: $0) }
    }

    private static func time(_ value: OpaquePointer?, _ type: Int32) -> Cell? {
        guard type == SQLITE_TEXT else {
            return Timestamp(microsecondsSince1970: sqlite3_value_int64(value)).map(Cell.timestamp)
        }
        // Nil without memory for the conversion of a text in UTF-16.
        guard let text = sqlite3_value_text(value) else { return nil }
        let bytes = UnsafeRawBufferPointer(start: text, count: Int(sqlite3_value_bytes(value)))
        return CalendarDate(utf8: bytes).map(Cell.date)
    }

    private func appendText(_ value: OpaquePointer?, _ column: Int32, to rows: inout RowBatch) throws(SQLiteError) {
        let text = try text(of: value)
        guard text.isUTF8 else { throw mismatch(column, SQLITE_TEXT, "a text that isn't UTF-8") }
        rows.append(.string, text)
    }

    private func appendJSON(_ value: OpaquePointer?, _ column: Int32, to rows: inout RowBatch) throws(SQLiteError) {
        let text = try text(of: value)
        guard JSONValue.isJSON(text) else { throw mismatch(column, SQLITE_TEXT, "a text that isn't JSON") }
        rows.append(.json, text)
    }

    private func text(of value: OpaquePointer?) throws(SQLiteError) -> UnsafeRawBufferPointer {
        // In this order: the count is that of the form which the pointer call made.
        guard let text = sqlite3_value_text(value) else { throw error(SQLITE_NOMEM) }
        return UnsafeRawBufferPointer(start: text, count: Int(sqlite3_value_bytes(value)))
    }

    private func appendBlob(_ value: OpaquePointer?, _ tag: Cell.Tag, to rows: inout RowBatch) {
        // Nil for an empty one.
        let start = sqlite3_value_blob(value)
        let count = start == nil ? 0 : Int(sqlite3_value_bytes(value))
        rows.append(tag, UnsafeRawBufferPointer(start: start, count: count))
    }
}

extension String {
    /// `withUTF8` that keeps the type of what `body` throws.
    fileprivate mutating func withUTF8Typed<E: Error>(
        _ body: (UnsafeBufferPointer<UInt8>) throws(E) -> Void
    ) throws(E) {
        try withUTF8 { utf8 in Result { () throws(E) in try body(utf8) } }.get()
    }
}

extension UnsafeRawBufferPointer {
    fileprivate var isUTF8: Bool {
        // Most texts are short and ASCII.
        if isASCII { return true }
        do {
            _ = try UTF8Span(validating: assumingMemoryBound(to: UInt8.self).span)
            return true
        } catch {
            return false
        }
    }

    private var isASCII: Bool {
        var bits: UInt64 = 0
        var index = 0
        while index + 8 <= count {
            bits |= loadUnaligned(fromByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < count {
            bits |= UInt64(self[index])
            index += 1
        }
        return bits & 0x8080_8080_8080_8080 == 0
    }
}
