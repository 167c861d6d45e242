import MartletKernel
import MartletModel

/// Finds records that a table's new definition wouldn't allow.
struct RowProbes {
    let migration: TableMigration
    let actual: TableShape
    let desired: TableShape
    /// All tables by their names: what their records will be.
    let others: [String: TableMigration]
    let connection: Connection

    private var table: Table { migration.table }
    private var schema: ResourceSchema { table.schema }

    func misfits() throws(SQLiteError) -> [Misfits] {
        var found: [Misfits?] = []
        if hasOtherKey {
            let count = try connection.integer("SELECT count(*) FROM \(table.name)")
            guard count > 0 else { return [] }
            found = [Misfits(schema.name, [schema.key.name], .otherKey, count: count, first: nil)]
        }
        for (column, field) in schema.fields.enumerated() {
            found += [try nulls(field, column), try unchecked(field, column), try orphans(field, column)]
        }
        for index in table.indexes where needsIndex(index) {
            found.append(try doubles(index))
            for column in index.columns { found.append(try tooLong(schema.fields[column], column)) }
        }
        return found.compactMap(\.self)
    }

    private var hasOtherKey: Bool {
        migration.changes.contains { if case .changeKey = $0 { true } else { false } }
    }

    /// One on a column that begins anew is made again too.
    private func needsIndex(_ index: Index) -> Bool {
        migration.changes.contains(.makeIndex(index.name))
            || index.columns.contains { isFilled(schema.fields[$0]) }
    }

    private func nulls(_ field: FieldSchema, _ column: Int) throws(SQLiteError) -> Misfits? {
        let isFilled = isFilled(field)
        guard !field.isNullable, isFilled || before(field)?.isNullable == true else { return nil }
        return try find("\(table.column(column)) IS NULL", isFilled ? .withoutValue : .null, field.name)
    }

    private func unchecked(_ field: FieldSchema, _ column: Int) throws(SQLiteError) -> Misfits? {
        guard migration.needsRebuild, !isFilled(field), let before = before(field),
            before.check != desired.columns[field.column]?.check, let check = table.condition(on: field)
        else { return nil }
        let conditions = [check] + realDate(field, column)
        return try find("NOT (\(conditions.joined(separator: " AND ")))", .check(field.admittedValues), field.name)
    }

    /// The table's check takes 2026-02-31, which could never be read.
    private func realDate(_ field: FieldSchema, _ column: Int) -> [String] {
        guard field.type == .date else { return [] }
        let name = table.column(column)
        return ["date(\(name), '+0 days') IS \(name)", "\(name) >= '0001-01-01'"]
    }

    private func tooLong(_ field: FieldSchema, _ column: Int) throws(SQLiteError) -> Misfits? {
        guard let limit = field.byteLimit, before(field) != nil else { return nil }
        let bytes = "length(CAST(\(table.column(column)) AS BLOB))"
        return try find("\(bytes) > \(limit)", .tooLongForIndex(limit), field.name)
    }

    private func orphans(_ field: FieldSchema, _ column: Int) throws(SQLiteError) -> Misfits? {
        guard migration.needsRebuild || isFilled(field), let reference = field.reference,
            let target = migration.catalog.table(named: reference.resource)
        else { return nil }
        let name = table.column(column)
        var condition = "\(name) IS NOT NULL"
        if let records = others[target.schema.table], !records.isNew {
            let same = "target.\(target.key) = new.\(name)"
            condition += " AND NOT EXISTS (SELECT 1 FROM (\(records.projection())) AS target WHERE \(same))"
        }
        return try find(condition, .orphans(of: reference.resource), field.name)
    }

    private func doubles(_ index: Index) throws(SQLiteError) -> Misfits? {
        guard index.isUnique else { return nil }
        // lower() knows ASCII alone, as NOCASE does.
        let values = index.columns.map { index.isIgnoringCase ? "lower(\(table.column($0)))" : table.column($0) }
        let list = values.joined(separator: ", ")
        // Nulls differ from all.
        let present = values.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
        let several =
            "SELECT \(list) FROM (\(migration.projection())) WHERE \(present) GROUP BY \(list) HAVING count(*) > 1"
        let names = index.columns.map { schema.fields[$0].name }
        return try find("(\(list)) IN (\(several))", .doubles, names)
    }

    // MARK: - Records

    private func isFilled(_ field: FieldSchema) -> Bool { migration.filled.contains(field.column) }

    private func before(_ field: FieldSchema) -> ColumnShape? {
        actual.columns[migration.oldNames[field.column] ?? field.column]
    }

    private func find(
        _ condition: String, _ reason: Misfits.Reason, _ fields: String...
    ) throws(SQLiteError) -> Misfits? {
        try find(condition, reason, fields)
    }

    /// Among the records as they will be.
    private func find(
        _ condition: String, _ reason: Misfits.Reason, _ fields: [String]
    ) throws(SQLiteError) -> Misfits? {
        let records = "FROM (\(migration.projection())) AS new WHERE \(condition)"
        let count = try connection.integer("SELECT count(*) \(records)")
        guard count > 0 else { return nil }
        // Without their key there is nothing to name them by.
        guard !hasOtherKey else { return Misfits(schema.name, fields, reason, count: count, first: nil) }
        let first = try Statement("SELECT \(table.key) \(records) ORDER BY \(table.key) LIMIT 1", on: connection)
        guard try first.step() else { return nil }
        var row = RowBatch(width: 1)
        try first.append(0, schema.key.type.tag, to: &row)
        return Misfits(schema.name, fields, reason, count: count, first: Key(row[0, 0], of: row))
    }
}
