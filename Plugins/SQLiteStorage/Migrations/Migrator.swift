import CSQLite
import MartletKernel
import MartletModel
import MartletSQL

/// Brings a database in line with its schemas, in one transaction: whoever is killed in it leaves the old one.
struct Migrator {
    let catalog: Catalog
    let connection: Connection
    let time: Timestamp

    /// References are off: a table that is replaced is gone for a moment, and what refers to it must not go with it. In
    /// a transaction the pragma does nothing (<https://www.sqlite.org/pragma.html#pragma_foreign_keys>).
    static let opening = ["PRAGMA foreign_keys = OFF", "BEGIN IMMEDIATE"]
    static let closing = ["COMMIT", "PRAGMA foreign_keys = ON"]

    /// What would be done.
    func plan() throws(SQLiteError) -> Migration {
        try checkEncoding()
        // One view of the database, whatever others write meanwhile.
        try connection.execute("BEGIN")
        defer { connection.rollBack() }
        return try MigrationPlan(for: catalog, on: connection, at: time).migration
    }

    /// - Returns: what was done.
    /// - Throws: with nothing done.
    func migrate(_ mode: Migration.Mode) throws(SQLiteError) -> Migration {
        try checkEncoding()
        try connection.execute("PRAGMA foreign_keys = OFF")
        try connection.waitingForLocks(milliseconds: 2000) { () throws(SQLiteError) in
            try connection.execute("BEGIN IMMEDIATE")
        }
        let migration: Migration
        do throws(SQLiteError) {
            migration = try migrateInTransaction(mode)
        } catch {
            connection.rollBack()
            throw error
        }
        do throws(SQLiteError) {
            try connection.execute("COMMIT")
        } catch {
            connection.rollBack()
            overwriteFailedCommit()
            throw error
        }
        try connection.execute("PRAGMA foreign_keys = ON")
        if !migration.steps.isEmpty { emptyLog() }
        return migration
    }

    private func migrateInTransaction(_ mode: Migration.Mode) throws(SQLiteError) -> Migration {
        let plan = try MigrationPlan(for: catalog, on: connection, at: time)
        if let refusal = plan.migration.refusal(in: mode) { throw SQLiteError(SQLITE_MISMATCH, refusal) }
        try makeServerTables()
        for sql in plan.migration.steps.flatMap(\.sql) { try connection.execute(sql) }
        try checkReferences(plan.tables)
        let shape = try shape(after: plan)
        var recorded = plan.last?.shape ?? DatabaseShape()
        // Tables of resources that are not served now stay as they were recorded.
        recorded.tables.merge(shape.tables) { _, new in new }
        try record(recorded, after: plan)
        return plan.migration
    }

    private func record(_ shape: DatabaseShape, after plan: MigrationPlan) throws(SQLiteError) {
        if let last = plan.last {
            if shape == last.shape { return }
            var completed = last.shape
            completed.addFieldTypes(of: shape)
            // A record of an earlier Martlet lacks the types of fields alone. To add them is no migration.
            if shape == completed { return try last.replaceShape(with: shape, on: connection) }
        }
        try MigrationRecord.append(shape, wanted: plan.desired, plan.migration, at: time, on: connection)
    }

    private func makeServerTables() throws(SQLiteError) {
        for (name, definition) in ServerTables.all where try !connection.hasTable(name) {
            try connection.execute(definition)
            if definition == ServerTables.versions { try connection.execute(ServerTables.firstVersion) }
        }
    }

    /// The probes have looked already, but this is the last moment.
    private func checkReferences(_ tables: [TableMigration]) throws(SQLiteError) {
        for table in tables where table.isRebuilt {
            let check = try Statement("PRAGMA foreign_key_check(\(table.layout.name))", on: connection)
            if try check.step() {
                throw SQLiteError(
                    SQLITE_MISMATCH,
                    "\(table.table): a record refers to \(check.text(2)), where there is none")
            }
        }
    }

    /// - Throws: when the steps have not led to where they should, which is a bug.
    private func shape(after plan: MigrationPlan) throws(SQLiteError) -> DatabaseShape {
        let remade = Set(plan.tables.filter { $0.isNew || $0.isRebuilt }.map(\.table))
        var shape = try ShapeReader(connection: connection).shape(of: catalog.tables.map(\.schema.table)) { name, _ in
            !remade.contains(name) && plan.actual.tables[name]?.isAdopted == true
        }
        shape.addFieldTypes(of: plan.desired)
        let rest = MigrationPlanner(from: shape, to: plan.desired, catalog.graph, at: time)
        if let failure = rest.failure { throw SQLiteError(SQLITE_INTERNAL, failure) }
        return shape
    }

    /// As ``WritingConnection/overwriteFailedCommit(_:)`` does, and why. Where it fails too, the next start may find the
    /// new tables: whole, as these are.
    private func overwriteFailedCommit() {
        do throws(SQLiteError) {
            let version = try connection.integer("PRAGMA user_version")
            try connection.setSynchronous("OFF")
            try connection.execute("PRAGMA user_version = \(version)")
        } catch { /* The start fails for the first reason. */  }
    }

    /// A table that was copied is in the log as a whole. Who reads meanwhile keeps it there; the writer tries again.
    private func emptyLog() {
        do throws(SQLiteError) { try connection.execute("PRAGMA wal_checkpoint(TRUNCATE)") } catch { /* Later, then. */
        }
    }

    private func checkEncoding() throws(SQLiteError) {
        // In UTF-16 texts would sort by other bytes.
        let encoding = try connection.text("PRAGMA encoding")
        guard encoding == "UTF-8" else { throw SQLiteError(SQLITE_MISMATCH, "its texts are in \(encoding), not UTF-8") }
    }
}
