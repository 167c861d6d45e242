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
        for table in catalog.tables {
            let review = try TableReview(table, on: self)
            differences += review.differences.map { "\(table.schema.name): \($0)" }
            guard differences.isEmpty else { continue }
            for sql in review.missing { try execute(sql) }
        }
        return differences
    }
}
