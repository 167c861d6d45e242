import MartletKernel
import MartletModel
import MartletSQL

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
        let planner = MigrationPlanner(from: actual, to: desired, catalog.graph, at: time)
        tables = planner.tables
        migration.obstacles = planner.comparison.obstacles
        migration.hints = planner.comparison.hints
        if let last {
            let manual = ManualChanges(since: last.shape, last.number, in: actual, towards: desired)
            (migration.repairs, migration.manualChanges) = (manual.repairable, manual.others)
        }
        let extras = tables.allSatisfy { $0.isNew || !$0.isRebuilt } ? { _ in [] } : try reader.extras()
        migration.steps = planner.steps.map { $0.statements(extras($0.table.table)) }
        for question in planner.questions {
            if let violations = try connection.answer(question) { migration.obstacles.append(violations.description) }
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
            for sql in [table.definition(catalog.graph)] + table.attachments { try empty.execute(sql) }
            shape.tables[name] = try reader.shape(of: [name]) { _, _ in false }.tables[name]
            for field in table.schema.fields {
                shape.tables[name]?.columns[field.column]?.fieldType = ColumnShape.fieldType(field.type)
            }
            try empty.execute("DROP TABLE \(table.name)")
        }
        return shape
    }

    /// Of a table that is in no record: one from before there were records has Martlet's checks, or is of a schema that
    /// needs none. Before there were versions it had no column for them.
    private static func isAdopted(_ name: String, _ definition: String, _ catalog: Catalog) -> Bool {
        guard let table = catalog.tables.first(where: { $0.schema.table == name }) else { return false }
        let own = table.definition(catalog.graph)
        return !definition.contains(DefinitionScanner.ownCheck)
            && ![own, own.replacing(", \(table.versionDefinition)) STRICT", with: ") STRICT")].contains(definition)
    }
}

extension Connection {
    /// - Returns: nil when there are no such records.
    fileprivate func answer(_ question: RecordQuestion) throws(SQLiteError) -> ConstraintViolations? {
        let count = try integer(question.count)
        guard count > 0 else { return nil }
        guard let firstKey = question.firstKey else { return question.violations(count, first: nil) }
        let first = try Statement(firstKey, on: self)
        guard try first.step() else { return nil }
        return question.violations(count, first: try first.key(0, of: question.schema))
    }
}
