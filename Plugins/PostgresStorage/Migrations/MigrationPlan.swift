import MartletKernel
import MartletModel
import MartletSQL

/// What a database would need to fit its resources. Making one changes nothing that stays.
struct MigrationPlan {
    private(set) var migration = Migration()
    /// The shape of the tables as they are, and as a new database would have them.
    private(set) var actual: DatabaseShape
    private(set) var desired: DatabaseShape?
    let checksum: Int64
    /// What the last migration has left.
    let last: MigrationRecord?
    /// Tables that Martlet makes, and so has given all that they have.
    private(set) var remade: Set<String> = []

    /// - Parameter mode: where it may be done, it locks the tables, so that no record comes that doesn't fit.
    init(
        for definitions: Definitions, on connection: BlockingConnection, at time: Timestamp, _ mode: Migration.Mode,
        isStart: Bool
    ) throws(PostgresError) {
        checksum = definitions.checksum
        let last = try MigrationRecord.last(checksum, on: connection)
        let reader = try ShapeReader(connection, definitions, in: .schema(connection.schema))
        self.last = last
        actual = reader.shape
        for name in reader.shape.tables.keys {
            let isAdopted = last?.shape.tables[name]?.isAdopted ?? (reader.constraints.checks[name] == nil)
            actual.tables[name]?.isAdopted = isAdopted
        }
        migration.obstacles = try ServingObstacles(actual.tables.keys, connection).obstacles()
        // Nothing has changed since it was found to fit, and so it fits.
        if let last, last.isOfDefinitions,
            definitions.names.allSatisfy({ actual.tables[$0] != nil && actual.tables[$0] == last.shape.tables[$0] })
        {
            return
        }
        let desired = try Self.desired(definitions, connection)
        self.desired = desired
        let planner = MigrationPlanner(from: actual, to: desired, definitions.graph, at: time)
        let comparison = planner.comparison
        if isStart, let last, last.hadDefinitions, !last.isOfDefinitions, !comparison.tables.isEmpty {
            let later = try LaterTables(comparison, actual, definitions, last.number, connection)
            migration.kept = later.kept
            migration.obstacles += comparison.obstacles + later.obstacles
            return
        }
        migration.obstacles += try Self.obstacles(comparison, actual, connection)
        migration.obstacles += Self.indexObstacles(comparison, reader.partitioned)
        if last == nil { migration.obstacles += try SchemaChoice.obstacles(definitions, actual, connection) }
        migration.hints = comparison.hints
        if let last {
            let manual = ManualChanges(since: last.shape, last.number, in: actual, towards: desired)
            (migration.repairs, migration.manualChanges) = (manual.repairable, manual.others)
        }
        try planSteps(planner, reader, connection, mode)
    }

    private mutating func planSteps(
        _ planner: MigrationPlanner, _ reader: ShapeReader, _ connection: BlockingConnection, _ mode: Migration.Mode
    ) throws(PostgresError) {
        remade = Set(planner.tables.filter { $0.isNew || $0.isRebuilt }.map(\.table))
        let statements = MigrationStatements(actual: actual, constraints: reader.constraints)
        for planned in planner.steps {
            var step = statements.step(planned)
            step.changes += try furtherLosses(of: planned, reader)
            migration.steps.append(step)
        }
        // A start that is refused anyway holds up nobody.
        if mode != .plan, migration.refusal(in: mode) == nil { try lock(planner.tables, connection) }
        try addObstacles(planner, connection)
        guard !migration.steps.isEmpty else { return }
        (migration.opening, migration.closing) = (Migrator.opening(in: connection.schema), Migrator.closing)
    }

    private static func obstacles(
        _ comparison: ShapeComparison, _ actual: DatabaseShape, _ connection: BlockingConnection
    ) throws(PostgresError) -> [String] {
        try comparison.obstacles + TakenNames(comparison.tables, actual, connection).obstacles()
            + MissingRights(comparison.tables, connection).obstacles()
    }

    /// A partitioned table has its one key as what it is partitioned by, and a unique index of Martlet's never has the key. Others
    /// are described by PostgreSQL in words that differ from those of an ordinary table.
    private static func indexObstacles(_ comparison: ShapeComparison, _ partitioned: Set<String>) -> [String] {
        comparison.tables.filter { partitioned.contains($0.schema.table) }.flatMap { table in
            table.changes.compactMap { change in
                guard case .makeIndex(let name) = change else { return nil }
                return "\(table.schema.table): a partitioned table can't have the index \(name)"
            }
        }
    }

    /// With a column the server drops the indexes on it, and says nothing.
    private func furtherLosses(
        of step: MigrationStep, _ reader: ShapeReader
    ) throws(PostgresError) -> [Migration.Change] {
        guard case .change(let change) = step.action, let column = change.lostColumn else { return [] }
        return try reader.indexes(on: column, of: step.table.table).map {
            Migration.Change("\(step.table.table): drops \($0), which names a column that goes")
        }
    }

    private func lock(_ tables: [TableMigration], _ connection: BlockingConnection) throws(PostgresError) {
        let names = tables.filter { !$0.isNew && !$0.changes.isEmpty }.map(\.layout.name)
        guard !names.isEmpty else { return }
        try connection.execute("LOCK TABLE \(names.joined(separator: ", ")) IN ACCESS EXCLUSIVE MODE")
    }

    private mutating func addObstacles(
        _ planner: MigrationPlanner, _ connection: BlockingConnection
    ) throws(PostgresError) {
        for question in planner.questions {
            if let violations = try connection.answer(question) { migration.obstacles.append(violations.description) }
        }
        for table in planner.tables { migration.obstacles += try ColumnDependents(table, connection).obstacles() }
    }

    /// As the same code reads it from temporary tables that these definitions have just made, and that are gone before they
    /// could have records. For them the role needs the right TEMPORARY, which a database grants to all.
    private static func desired(
        _ definitions: Definitions, _ connection: BlockingConnection
    ) throws(PostgresError) -> DatabaseShape {
        try connection.execute("SAVEPOINT desired; SET LOCAL search_path TO pg_temp")
        try connection.execute(definitions.statements(in: "pg_temp").joined(separator: ";\n"))
        let shape = try ShapeReader(connection, definitions, in: .temporary).shape
        try connection.execute("ROLLBACK TO desired; RELEASE desired")
        return shape
    }
}

extension BlockingConnection {
    /// - Returns: nil when there are no such records.
    fileprivate func answer(_ question: RecordQuestion) throws(PostgresError) -> ConstraintViolations? {
        let count = try rows(question.count).first?[0].flatMap { Int64($0) } ?? 0
        guard count > 0 else { return nil }
        let first = try question.firstKey.flatMap { sql throws(PostgresError) in try rows(sql).first?[0] }
        return question.violations(count, first: first.flatMap { Key($0, for: question.schema) })
    }
}
