import CSQLite
import MartletModel

extension Connection {
    /// Makes the tables and indexes that are missing, all or none.
    /// - Throws: an error that names every difference, when what is there doesn't fit.
    func prepareTables(of catalog: Catalog) throws(SQLiteError) {
        // In UTF-16 texts would sort by other bytes.
        let encoding = try text("PRAGMA encoding")
        guard encoding == "UTF-8" else { throw SQLiteError(SQLITE_MISMATCH, "its texts are in \(encoding), not UTF-8") }
        try waitingForLocks(milliseconds: 2000) { () throws(SQLiteError) in try execute("BEGIN IMMEDIATE") }
        do throws(SQLiteError) {
            let differences = try makeMissing(catalog)
            guard differences.isEmpty else {
                throw SQLiteError(SQLITE_MISMATCH, differences.joined(separator: "; "))
            }
            try execute("COMMIT")
        } catch {
            rollBack()
            throw error
        }
    }

    private func makeMissing(_ catalog: Catalog) throws(SQLiteError) -> [String] {
        var differences: [String] = []
        for (name, definition) in ServerTables.all where try !hasTable(name) {
            try execute(definition)
            if definition == ServerTables.versions { try execute(ServerTables.firstVersion) }
        }
        for table in catalog.tables {
            let review = try TableReview(table, catalog, on: self)
            differences += review.differences.map { "\(table.schema.name): \($0)" }
            guard differences.isEmpty else { continue }
            for sql in review.missing { try execute(sql) }
        }
        return differences
    }

    private func hasTable(_ name: String) throws(SQLiteError) -> Bool {
        let statement = try Statement("SELECT 1 FROM sqlite_schema WHERE name = ?1", on: self)
        try statement.bind(name, at: 1)
        return try statement.step()
    }
}
