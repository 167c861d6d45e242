import CSQLite
import MartletModel

/// Deletes a record and all that goes with it, what refers before what it refers to.
///
/// SQLite's own cascade goes down a thousand levels and then fails
/// (<https://www.sqlite.org/limits.html>, "Maximum Depth Of Trigger Recursion"): it takes a tree from its root.
struct DeepDeletion {
    private let catalog: Catalog
    private let connection: Connection
    private let list: String

    /// Nil for a table whose records go alone.
    init?(_ table: Table, _ catalog: Catalog, on connection: Connection) {
        guard let list = catalog.listGone(with: table) else { return nil }
        (self.catalog, self.connection, self.list) = (catalog, connection, list)
    }

    /// - Precondition: nothing restricts it.
    func delete(_ key: Key) throws(SQLiteError) {
        let gone = try gone(with: key)
        // Between two of these statements a record that goes may refer to one that has gone.
        try connection.execute("PRAGMA defer_foreign_keys = ON")
        // Also where it fails: others' transactions are in the same batch.
        defer { try? connection.execute("PRAGMA defer_foreign_keys = OFF") }
        var statements: [Int: Statement] = [:]
        for (ordinal, key) in gone.reversed() {
            let table = catalog.tables[ordinal]
            let statement =
                if let kept = statements[ordinal] { kept } else {
                    try Statement("DELETE FROM \(table.name) WHERE \(table.key) = ?1", on: connection)
                }
            statements[ordinal] = statement
            try statement.bind(key, at: 1)
            try statement.run()
        }
        try checkReferences()
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

    private func gone(with key: Key) throws(SQLiteError) -> [(ordinal: Int, key: Key)] {
        let statement = try Statement(list, on: connection)
        try statement.bind(key, at: 1)
        defer { statement.reset() }
        var gone: [(ordinal: Int, key: Key)] = []
        while try statement.step() {
            let ordinal = Int(statement.integer(0))
            gone.append((ordinal, try statement.key(1, of: catalog.tables[ordinal])))
        }
        return gone
    }
}

extension Statement {
    fileprivate func key(_ column: Int32, of table: Table) throws(SQLiteError) -> Key {
        var row = RowBatch(width: 1)
        try append(column, table.schema.key.type.tag, to: &row)
        guard let key = Key(row[0, 0], of: row) else { throw Statement.mismatch(column, 0) }
        return key
    }
}
