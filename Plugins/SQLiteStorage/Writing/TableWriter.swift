import MartletKernel
import MartletModel

/// Does mutations of one table, with statements that it keeps.
final class TableWriter {
    /// What became of a mutation. What the database said beside these is thrown.
    enum Outcome {
        case done(RowBatch)
        case refused(Refusal.Reason)
    }

    private let table: Table
    private let connection: Connection
    private var insert: Statement?
    private var select: Statement?
    private var delete: Statement?
    /// One for each set of columns that was written together. Clients choose these sets, so their number is bounded.
    private var updates: [(columns: [Int], statement: Statement)] = []
    private static let keptUpdates = 32
    /// By column; nil where nothing is unique or nothing was taken yet.
    private var probes: [Statement?]

    init(_ table: Table, on connection: Connection) {
        self.table = table
        self.connection = connection
        probes = Array(repeating: nil, count: table.width)
    }

    func apply(_ change: Mutation.Change) throws(SQLiteError) -> Outcome {
        switch change {
        case .insert(let row): try insert(row.cells)
        case .update(let key, let row): try update(key, row.cells)
        case .delete(let key): try delete(key)
        }
    }

    private func insert(_ row: RowBatch) throws(SQLiteError) -> Outcome {
        let statement = try kept(&insert, table.insert)
        return try write(row, table.insertedColumns, by: statement, to: nil)
    }

    private func update(_ key: Key, _ row: RowBatch) throws(SQLiteError) -> Outcome {
        let columns = table.schema.fields.indices.filter { $0 != table.schema.keyIndex && !row[0, $0].isAbsent }
        guard !columns.isEmpty else {
            let statement = try kept(&select, table.select(.byKey))
            try statement.bind(key, at: 1)
            return try found(record(of: statement))
        }
        let statement = try updateStatement(columns)
        try statement.bind(key, at: Int32(columns.count + 1))
        return try write(row, columns, by: statement, to: key)
    }

    private func delete(_ key: Key) throws(SQLiteError) -> Outcome {
        let statement = try kept(&delete, table.delete)
        try statement.bind(key, at: 1)
        return try found(record(of: statement))
    }

    /// Binds the columns of a row from parameter 1 on, and runs.
    /// - Parameter key: of the record that is changed; nil for a new one.
    private func write(
        _ row: RowBatch, _ columns: [Int], by statement: Statement, to key: Key?
    ) throws(SQLiteError) -> Outcome {
        // All that is bound lies in the heap, uncopied, until the statement is reset.
        try row.heap.span.bytes.withUnsafeBytes { heap throws(SQLiteError) in
            for (index, column) in columns.enumerated() {
                try statement.bind(row[0, column], in: heap, at: Int32(index + 1))
            }
            do throws(SQLiteError) {
                return try found(record(of: statement, bytes: row.heap.count + 64))
            } catch let error where error.isUniqueViolation {
                let taken = try takenColumns(row, heap, key)
                // An index that the schema doesn't know: that is no client's mistake.
                guard !taken.isEmpty else { throw error }
                return .refused(.uniqueTaken(taken))
            }
        }
    }

    private func found(_ record: RowBatch) -> Outcome {
        record.isEmpty ? .refused(.notFound) : .done(record)
    }

    /// Runs a statement that returns one row or none. All changes are made by the time of the first row
    /// (<https://www.sqlite.org/lang_returning.html>), but only the end says that it has ended well.
    private func record(of statement: Statement, bytes: Int = 64) throws(SQLiteError) -> RowBatch {
        var rows = RowBatch(width: table.width, reservingRows: 1, bytes: bytes)
        defer { statement.reset() }
        while try statement.step() { try statement.appendRow(to: &rows) }
        return rows
    }

    /// The unique columns of a row whose values other records have. SQLite's own error names the first alone.
    private func takenColumns(_ row: RowBatch, _ heap: UnsafeRawBufferPointer, _ key: Key?) throws(SQLiteError) -> [Int]
    {
        var taken: [Int] = []
        for column in table.uniqueColumns where !row[0, column].isAbsent && !row[0, column].isNull {
            let probe = try kept(&probes[column], table.probe(column))
            try probe.bind(row[0, column], in: heap, at: 1)
            if let key { try probe.bind(key, at: 2) } else { try probe.bindNull(at: 2) }
            defer { probe.reset() }
            if try probe.step() { taken.append(column) }
        }
        return taken
    }

    private func kept(_ place: inout Statement?, _ sql: @autoclosure () -> String) throws(SQLiteError) -> Statement {
        if let statement = place { return statement }
        let statement = try Statement(sql(), on: connection)
        place = statement
        return statement
    }

    private func updateStatement(_ columns: [Int]) throws(SQLiteError) -> Statement {
        if let known = updates.first(where: { $0.columns == columns }) { return known.statement }
        let statement = try Statement(table.update(columns), on: connection)
        if updates.count == Self.keptUpdates { updates.removeFirst() }
        updates.append((columns, statement))
        return statement
    }
}
