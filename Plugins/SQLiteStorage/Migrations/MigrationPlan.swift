import MartletKernel
import MartletModel

/// What a database would need to fit its schemas. Making one only reads.
struct MigrationPlan {
    private(set) var migration = Migration()
    /// The shape of the tables as they are, and as a new database would have them.
    let actual: DatabaseShape
    let desired: DatabaseShape
    /// What the last migration has left.
    let last: MigrationRecord?
    private(set) var tables: [TableMigration] = []

    init(for catalog: Catalog, on connection: Connection, at time: Timestamp) throws(SQLiteError) {
        let reader = ShapeReader(connection: connection)
        let last = try MigrationRecord.last(on: connection)
        self.last = last
        desired = try Self.desired(catalog)
        actual = try Self.actual(catalog, reader, last, desired)
        let comparison = ShapeComparison(actual, desired, catalog.schemas)
        migration.obstacles = comparison.obstacles
        migration.hints = comparison.hints
        if let last {
            let manual = ManualChanges(since: last.shape, last.number, in: actual, towards: desired)
            (migration.repairs, migration.manualChanges) = (manual.repairable, manual.others)
        }
        let changes = Dictionary(comparison.tables.map { ($0.schema.table, $0.changes) }) { first, _ in first }
        tables = catalog.tables.map { TableMigration($0, catalog, changes[$0.schema.table] ?? [], at: time) }
        let byName = Dictionary(tables.map { ($0.table.schema.table, $0) }) { first, _ in first }
        let changed = tables.filter { !$0.changes.isEmpty }
        let extras = changed.allSatisfy(\.isNew) ? { _ in [] } : try reader.extras()
        for table in changed {
            let name = table.table.schema.table
            migration.steps += table.steps(table.isNew ? [] : extras(name))
            guard let before = actual.tables[name], let after = desired.tables[name] else { continue }
            migration.obstacles += try RowProbes(
                migration: table, actual: before, desired: after, others: byName, connection: connection
            ).misfits().map(\.description)
        }
        if migration.obstacles.isEmpty {
            migration.obstacles = try MigrationRehearsal(on: connection).obstacles(
                migration.steps.flatMap(\.sql), catalog)
        }
        if !migration.steps.isEmpty {
            (migration.opening, migration.closing) = (Migrator.opening, Migrator.closing)
        }
    }

    private static func actual(
        _ catalog: Catalog, _ reader: ShapeReader, _ last: MigrationRecord?, _ desired: DatabaseShape
    ) throws(SQLiteError) -> DatabaseShape {
        var shape = try reader.shape(of: catalog.tables.map(\.schema.table)) { name, definition in
            last?.shape.tables[name]?.isAdopted ?? isAdopted(name, definition, catalog)
        }
        if let last { shape.addFieldTypes(of: last.shape) }
        // A type that nobody has recorded is taken for the one that the field has now.
        shape.addFieldTypes(of: desired)
        return shape
    }

    /// As the same code reads it from a database that these definitions have just made.
    private static func desired(_ catalog: Catalog) throws(SQLiteError) -> DatabaseShape {
        let empty = try Connection.inMemory()
        let reader = ShapeReader(connection: empty)
        var shape = DatabaseShape()
        // One after the other, each alone: every statement that makes something reads the whole list of what there is.
        for table in catalog.tables {
            let name = table.schema.table
            try empty.execute(table.definition(catalog))
            for index in table.indexes { try empty.execute(index.definition) }
            for trigger in table.triggers { try empty.execute(trigger.definition) }
            shape.tables[name] = try reader.shape(of: [name]) { _, _ in false }.tables[name]
            for field in table.schema.fields {
                shape.tables[name]?.columns[field.column]?.fieldType = ColumnShape.fieldType(field.type)
            }
            try empty.execute("DROP TABLE \(table.name)")
        }
        return shape
    }

    /// Of a table that is in no record: one from before there were records has Martlet's checks, or is of a schema that
    /// needs none.
    private static func isAdopted(_ name: String, _ definition: String, _ catalog: Catalog) -> Bool {
        guard let table = catalog.table(called: name) else { return false }
        return !definition.contains(DefinitionScanner.ownCheck)
            && ![table.definition(catalog), table.definitionWithoutVersion(catalog)].contains(definition)
    }
}
