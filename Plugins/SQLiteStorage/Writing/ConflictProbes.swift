import MartletKernel
import MartletModel
import MartletSQL

/// Finds what stood against a write, field by field: SQLite's own error names the first index alone, and of references
/// nothing.
final class ConflictProbes {
    private let table: Table
    private let catalog: Catalog
    private let connection: Connection

    init(_ table: Table, _ catalog: Catalog, on connection: Connection) {
        self.table = table
        self.catalog = catalog
        self.connection = connection
    }

    /// The columns of a row whose values other records have; nil when there are none.
    /// - Parameters:
    ///   - row: what was to be written.
    ///   - stored: the record that was to be changed, for values that the row leaves as they are; nil for a new one.
    func taken(by row: RowBatch, _ stored: RowBatch?, _ key: Key?) throws(SQLiteError) -> Refusal.Reason? {
        let own = try taken(table.uniques, by: row, stored, key)
        let taken = own.isEmpty ? try self.taken(foreignUniques(), by: row, stored, key) : own
        return taken.isEmpty ? nil : .uniqueTaken(taken.sorted())
    }

    private func taken(
        _ uniques: [Table.Unique], by row: RowBatch, _ stored: RowBatch?, _ key: Key?
    ) throws(SQLiteError) -> Set<Int> {
        var taken: Set<Int> = []
        for unique in uniques where unique.columns.contains(where: { !row[0, $0].isAbsent }) {
            let values = unique.columns.map { column in
                row[0, column].isAbsent ? (stored ?? row, column) : (row, column)
            }
            let isKnown = values.allSatisfy { rows, column in
                !rows.isEmpty && !rows[0, column].isAbsent && !rows[0, column].isNull
            }
            guard isKnown, try finds(table.probe(unique), values, key) else { continue }
            taken.formUnion(unique.columns)
        }
        return taken
    }

    /// All unique indexes on fields, also those of other programs. Left out: indexes on expressions and partial indexes.
    private func foreignUniques() throws(SQLiteError) -> [Table.Unique] {
        let statement = try Statement(
            """
            SELECT list.name, info.name, info.coll FROM pragma_index_list(?1) AS list, pragma_index_xinfo(list.name) AS info
            WHERE list."unique" AND NOT list.partial AND info.key ORDER BY list.seq, info.seqno
            """, on: connection)
        try statement.bind(table.schema.table, at: 1)
        defer { statement.reset() }
        var indexes: [(name: String, columns: [Int?], collations: [Int: String])] = []
        while try statement.step() {
            let (index, name) = (statement.text(0), statement.text(1).lowercased())
            if indexes.last?.name != index { indexes.append((index, [], [:])) }
            // None for an expression.
            let column = table.schema.fields.firstIndex { $0.column.lowercased() == name }
            indexes[indexes.count - 1].columns.append(column)
            if let column { indexes[indexes.count - 1].collations[column] = quotedIdentifier(statement.text(2)) }
        }
        return indexes.compactMap { index in
            let columns = index.columns.compactMap(\.self)
            return columns.count == index.columns.count
                ? Table.Unique(columns: columns, collations: index.collations) : nil
        }
    }

    /// The columns of a row that refer to no record; nil when there are none.
    /// - Parameter key: of the record that was to be changed or made; nil when it isn't known. A reference to itself is
    ///   none to a record that isn't there.
    func missingReferences(of row: RowBatch, _ key: Key?) throws(SQLiteError) -> Refusal.Reason? {
        var missing: [Int] = []
        for column in table.references where !row[0, column].isAbsent && !row[0, column].isNull {
            guard let reference = table.schema.fields[column].reference,
                let target = catalog.table(named: reference.resource)
            else { continue }
            if target.ordinal == table.ordinal, let key, Key(row[0, column], of: row) == key { continue }
            if try !finds(target.probeKey, [(row, column)], nil) { missing.append(column) }
        }
        return missing.isEmpty ? nil : .referenceMissing(missing)
    }

    /// The fields of other records that keep a record from being deleted.
    func referrers(to key: Key) throws(SQLiteError) -> [Refusal.Referrer] {
        var found: [Refusal.Referrer] = []
        for referrer in catalog.referrers(of: table) {
            let statement = try Statement(referrer.probe, on: connection)
            try statement.bind(key, at: 1)
            if try statement.step() { found.append(referrer.name) }
            statement.reset()
        }
        return found
    }

    private func finds(_ sql: String, _ values: [(RowBatch, Int)], _ key: Key?) throws(SQLiteError) -> Bool {
        let statement = try Statement(sql, on: connection)
        for (index, (rows, column)) in values.enumerated() {
            var cell = RowBatch(width: 1)
            cell.append(rows[0, column], of: rows)
            try statement.bindCopy(of: cell, at: Int32(index + 1))
        }
        if let key { try statement.bind(key, at: Int32(values.count + 1)) }
        defer { statement.reset() }
        return try statement.step()
    }
}

extension Statement {
    /// Binds the one cell of a batch that may be gone before the statement runs.
    fileprivate func bindCopy(of row: RowBatch, at parameter: Int32) throws(SQLiteError) {
        let cell = row[0, 0]
        switch cell.tag {
        case .string, .json: try bind(row.withBytes(of: cell) { String(decoding: $0, as: UTF8.self) }, at: parameter)
        case .uuid, .bytes: try bind(row.withBytes(of: cell) { Array($0) }, at: parameter)
        default: try bind(cell, in: UnsafeRawBufferPointer(start: nil, count: 0), at: parameter)
        }
    }
}
