import MartletKernel
import MartletModel

/// Finds records that a table's new definition wouldn't allow.
struct RowProbes {
    let migration: TableMigration
    let actual: TableShape
    /// All tables by their names: what their records will be.
    let others: [String: TableMigration]
    let connection: BlockingConnection

    private var layout: TableLayout { migration.layout }
    private var schema: ResourceSchema { layout.schema }

    func misfits() throws(PostgresError) -> [Misfits] {
        var found: [Misfits?] = []
        if migration.isRemade {
            let count = try count("FROM \(layout.name)")
            guard count > 0 else { return [] }
            found = [Misfits(schema.name, [schema.key.name], .otherKey, count: count, first: nil)]
        }
        found.append(try versionless())
        for (column, field) in schema.fields.enumerated() {
            found += [try nulls(field, column), try unchecked(field, column), try orphans(field, column)]
        }
        for index in layout.indexes where needsIndex(index) {
            found.append(try doubles(index))
            for column in index.columns { found.append(try tooLong(schema.fields[column], column)) }
        }
        return found.compactMap(\.self)
    }

    /// One on a column that begins anew is made again too.
    private func needsIndex(_ index: Index) -> Bool {
        migration.changes.contains(.makeIndex(index.name))
            || index.columns.contains { isFilled(schema.fields[$0]) }
    }

    private func nulls(_ field: FieldSchema, _ column: Int) throws(PostgresError) -> Misfits? {
        let isFilled = isFilled(field)
        guard !field.isNullable, isFilled || before(field)?.isNullable == true else { return nil }
        return try find("\(layout.column(column)) IS NULL", isFilled ? .withoutValue : .null, [field.name])
    }

    private func versionless() throws(PostgresError) -> Misfits? {
        guard !migration.isRemade, actual.columns["_version"]?.isNullable == true else { return nil }
        let records = "FROM \(layout.name) WHERE \(TableLayout.version) IS NULL"
        let count = try count(records)
        guard count > 0 else { return nil }
        let first = try connection.rows("SELECT \(layout.key) \(records) ORDER BY \(layout.key) LIMIT 1").first?[0]
        return Misfits(
            schema.name, ["_version"], .null, count: count, first: first.flatMap { Key($0, for: schema) })
    }

    private func unchecked(_ field: FieldSchema, _ column: Int) throws(PostgresError) -> Misfits? {
        let isNew = migration.changes.contains { if case .setCheck(field.column, _?) = $0 { true } else { false } }
        guard isNew, let check = layout.condition(on: column) else { return nil }
        return try find("NOT (\(check))", .check(field.admittedValues), [field.name])
    }

    private func tooLong(_ field: FieldSchema, _ column: Int) throws(PostgresError) -> Misfits? {
        guard let limit = field.byteLimit, before(field) != nil else { return nil }
        return try find("octet_length(\(layout.column(column))) > \(limit)", .tooLongForIndex(limit), [field.name])
    }

    private func orphans(_ field: FieldSchema, _ column: Int) throws(PostgresError) -> Misfits? {
        let isNew = migration.changes.contains { if case .setReference(field.column, _?) = $0 { true } else { false } }
        guard isNew || isFilled(field), let reference = field.reference,
            let target = migration.graph.target(of: layout, column)
        else { return nil }
        let name = layout.column(column)
        var condition = "\(name) IS NOT NULL"
        if let records = others[target.schema.table], !records.isNew, !records.isRemade {
            let same = "target.\(target.key) = new.\(name)"
            condition += " AND NOT EXISTS (SELECT 1 FROM (\(records.projection)) AS target WHERE \(same))"
        }
        return try find(condition, .orphans(of: reference.resource), [field.name])
    }

    private func doubles(_ index: Index) throws(PostgresError) -> Misfits? {
        guard index.isUnique else { return nil }
        let list = index.values.joined(separator: ", ")
        // Nulls differ from all.
        let present = index.values.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
        let several =
            "SELECT \(list) FROM (\(migration.projection)) AS same WHERE \(present) GROUP BY \(list) HAVING count(*) > 1"
        return try find("(\(list)) IN (\(several))", .doubles, index.columns.map { schema.fields[$0].name })
    }

    // MARK: - Records

    private func isFilled(_ field: FieldSchema) -> Bool { migration.filled.contains(field.column) }

    private func before(_ field: FieldSchema) -> ColumnShape? {
        actual.columns[migration.oldNames[field.column] ?? field.column]
    }

    private func count(_ records: String) throws(PostgresError) -> Int64 {
        try connection.rows("SELECT count(*) \(records)").first?[0].flatMap { Int64($0) } ?? 0
    }

    /// Among the records as they will be.
    private func find(
        _ condition: String, _ reason: Misfits.Reason, _ fields: [String]
    ) throws(PostgresError) -> Misfits? {
        let records = "FROM (\(migration.projection)) AS new WHERE \(condition)"
        let count = try count(records)
        guard count > 0 else { return nil }
        // Without their key there is nothing to name them by.
        guard !migration.isRemade else { return Misfits(schema.name, fields, reason, count: count, first: nil) }
        let first = try connection.rows("SELECT \(layout.key) \(records) ORDER BY \(layout.key) LIMIT 1").first?[0]
        return Misfits(
            schema.name, fields, reason, count: count, first: first.flatMap { Key($0, for: schema) })
    }
}
