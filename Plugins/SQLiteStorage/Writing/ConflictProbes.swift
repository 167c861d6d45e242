import CSQLite
import MartletKernel
import MartletModel
import MartletSQL

/// Finds what stood against a write, field by field: SQLite's own error names the first index alone, and of references
/// nothing.
final class ConflictProbes {
    private let table: TableLayout
    private let catalog: Catalog
    private let connection: Connection
    /// Made when they are first needed.
    private var violations: Statement?
    private var referrers: Statement?

    init(_ table: TableLayout, _ catalog: Catalog, on connection: Connection) {
        self.table = table
        self.catalog = catalog
        self.connection = connection
    }

    /// - Parameters:
    ///   - row: what was to be written.
    ///   - key: of the record that was to be changed; nil for a new one.
    ///   - isOfUnique: whether the error was that of a unique constraint.
    /// - Returns: nil when nothing stands against it.
    func refusal(of row: RowBatch, to key: Key?, isOfUnique: Bool) throws(SQLiteError) -> Refusal.Reason? {
        let statement = try connection.statement(keptIn: &violations, table.violationSelection(catalog.graph))
        let found = try find(statement, table.violationTags, row, key)
        let refusal = table.refusal(by: found, isOfUnique: isOfUnique)
        return refusal == nil && isOfUnique ? try foreignRefusal(of: row, to: key) : refusal
    }

    /// The same for a deletion.
    func refusal(ofDeleting key: Key) throws(SQLiteError) -> Refusal.Reason? {
        guard let referrers = catalog.graph.referrers(of: table) else { return nil }
        let statement = try connection.statement(keptIn: &self.referrers, referrers.selection)
        try statement.bind(key, at: 1)
        return referrers.refusal(by: try row(of: statement, referrers.tags))
    }

    /// Values that are taken by unique indexes of other programs.
    private func foreignRefusal(of row: RowBatch, to key: Key?) throws(SQLiteError) -> Refusal.Reason? {
        let uniques = try foreignUniques()
        guard !uniques.isEmpty else { return nil }
        let tags = Array(repeating: Cell.Tag.boolean, count: uniques.count)
        let statement = try Statement(table.selection(of: uniques.map { table.isTaken($0.equalities) }), on: connection)
        let found = try find(statement, tags, row, key)
        let taken = uniques.indices.filter { found[0, $0].boolean == true }.flatMap { uniques[$0].columns }
        return taken.isEmpty ? nil : .uniqueTaken(Set(taken).sorted())
    }

    private struct ForeignUnique {
        let index: String
        var columns: [Int] = []
        var equalities: [String] = []
        var hasExpression = false
    }

    /// All unique indexes on fields, also those of other programs. Left out: indexes on expressions and partial indexes.
    private func foreignUniques() throws(SQLiteError) -> [ForeignUnique] {
        let statement = try Statement(
            """
            SELECT list.name, info.name, info.coll FROM pragma_index_list(?1) AS list, pragma_index_xinfo(list.name) AS info
            WHERE list."unique" AND NOT list.partial AND info.key ORDER BY list.seq, info.seqno
            """, on: connection)
        try statement.bind(table.schema.table, at: 1)
        defer { statement.reset() }
        var uniques: [ForeignUnique] = []
        while try statement.step() {
            let (index, name) = (statement.text(0), statement.text(1).lowercased())
            if uniques.last?.index != index { uniques.append(ForeignUnique(index: index)) }
            let last = uniques.count - 1
            // An expression has no name.
            guard let column = table.schema.fields.firstIndex(where: { $0.column.lowercased() == name }) else {
                uniques[last].hasExpression = true
                continue
            }
            let collation = quotedIdentifier(statement.text(2))
            uniques[last].columns.append(column)
            uniques[last].equalities.append(
                "other.\(table.column(column)) = given.\(table.column(column)) COLLATE \(collation)")
        }
        return uniques.filter { !$0.hasExpression }
    }

    /// Runs a ``TableLayout/selection(of:)``.
    private func find(
        _ statement: Statement, _ tags: [Cell.Tag], _ row: RowBatch, _ key: Key?
    ) throws(SQLiteError) -> RowBatch {
        var parameter: Int32 = 1
        for column in table.schema.fields.indices {
            try statement.bind(row[0, column].isAbsent ? 0 : 1, at: parameter)
            try statement.bind(row[0, column], of: row, at: parameter + 1)
            parameter += 2
        }
        if let key { try statement.bind(key, at: parameter) } else { try statement.bindNull(at: parameter) }
        return try self.row(of: statement, tags)
    }

    private func row(of statement: Statement, _ tags: [Cell.Tag]) throws(SQLiteError) -> RowBatch {
        defer {
            statement.reset()
            // It is kept, and would keep its copy of the values: a body of any size.
            sqlite3_clear_bindings(statement.handle)
        }
        var row = RowBatch(width: tags.count)
        if try statement.step() { try statement.appendRow(to: &row, tags) }
        return row
    }
}
