import CSQLite
import MartletModel
import MartletSQL

/// Deletes a record and all that goes with it, what refers before what it refers to.
///
/// SQLite's own cascade goes down a thousand levels and then fails
/// (<https://www.sqlite.org/limits.html>, "Maximum Depth Of Trigger Recursion"): it takes a tree from its root. The list of
/// records is a temporary table, which SQLite moves to the disk when it grows.
struct DeepDeletion {
    private let table: TableLayout
    private let catalog: Catalog
    private let connection: Connection

    init(_ table: TableLayout, _ catalog: Catalog, on connection: Connection) {
        (self.table, self.catalog, self.connection) = (table, catalog, connection)
    }

    /// - Precondition: nothing restricts it.
    func delete(_ key: Key) throws(SQLiteError) {
        try list(key)
        // Between two of these statements a record that goes may refer to one that has gone.
        try connection.execute("PRAGMA defer_foreign_keys = ON")
        // Also where it fails: others' transactions are in the same batch.
        defer { try? connection.execute("PRAGMA defer_foreign_keys = OFF") }
        let listed = try Statement(
            "SELECT \"table\", record FROM temp.martlet_deleted ORDER BY rowid DESC", on: connection)
        defer { listed.reset() }
        var statements: [Int: [Statement]] = [:]
        while try listed.step() {
            let ordinal = Int(listed.integer(0))
            let table = catalog.tables[ordinal]
            let key = try listed.key(1, of: table.schema)
            if statements[ordinal] == nil { statements[ordinal] = try self.statements(for: table) }
            for statement in statements[ordinal] ?? [] {
                try statement.bind(key, at: 1)
                try statement.run()
            }
        }
        listed.reset()
        try connection.execute("DELETE FROM temp.martlet_deleted")
        try checkReferences()
    }

    private func list(_ key: Key) throws(SQLiteError) {
        try connection.execute(
            "CREATE TEMP TABLE IF NOT EXISTS martlet_deleted (\"table\" INTEGER, record); DELETE FROM temp.martlet_deleted"
        )
        let list = try Statement(
            "INSERT INTO temp.martlet_deleted (\"table\", record) \(catalog.graph.cascadeSelection(of: table))",
            on: connection)
        try list.bind(key, at: 1)
        try list.run()
    }

    /// What deletes one record. What still refers to it then was found before it, by another reference or in a circle: that
    /// reference is taken away first, else the deletion would go down from there.
    private func statements(for table: TableLayout) throws(SQLiteError) -> [Statement] {
        var statements: [Statement] = []
        for (child, column) in catalog.graph.references(to: table, .cascade) {
            let isNullable = child.schema.fields[column].isNullable
            guard isNullable || child.ordinal == table.ordinal else { continue }
            let (name, value) = (child.column(column), isNullable ? "NULL" : child.key)
            statements.append(
                try Statement("UPDATE \(child.name) SET \(name) = \(value) WHERE \(name) = ?1", on: connection))
        }
        return statements + [try Statement("DELETE FROM \(table.name) WHERE \(table.key) = ?1", on: connection)]
    }

    /// A reference that the schemas don't know would only be found at the commit, which is others' too.
    private func checkReferences() throws(SQLiteError) {
        var (left, highest): (Int32, Int32) = (0, 0)
        try connection.check(
            sqlite3_db_status(connection.handle, SQLITE_DBSTATUS_DEFERRED_FKS, &left, &highest, 0))
        guard left == 0 else {
            throw SQLiteError(MARTLET_SQLITE_CONSTRAINT_FOREIGNKEY, "a reference that no schema has is left")
        }
    }
}

extension ReferenceGraph {
    /// Whether a deletion from a table may go down more levels than SQLite does: through references that cascade in a
    /// circle, or through very many tables.
    func mayCascadeDeeply(from table: TableLayout) -> Bool {
        let deleted = tablesDeleted(with: table)
        // A level for each, one for a trigger, of a thousand.
        return deleted.count > 990
            || deleted.contains { member in
                references(to: member, .cascade).contains { child, _ in
                    tablesDeleted(with: child).contains { $0.ordinal == member.ordinal }
                }
            }
    }
}

extension Statement {
    func key(_ column: Int32, of schema: ResourceSchema) throws(SQLiteError) -> Key {
        var row = RowBatch(width: 1)
        try append(column, schema.key.type.tag, to: &row)
        guard let key = Key(row[0, 0], of: row) else { throw mismatch(column, sqlite3_column_type(handle, column)) }
        return key
    }
}
