import MartletKernel
import MartletModel

/// Finds records that a table's new definition wouldn't allow.
struct RowProbes {
    let migration: TableMigration
    let actual: TableShape
    let desired: TableShape
    /// Of other tables, by their names: what their records will be.
    let others: [String: TableMigration]
    let connection: Connection

    private var table: Table { migration.table }
    private var schema: ResourceSchema { table.schema }

    /// Each is a line.
    func obstacles() throws(SQLiteError) -> [String] {
        var lines: [String] = []
        let hasOtherKey = migration.changes.contains { if case .changeKey = $0 { true } else { false } }
        if hasOtherKey {
            // Whatever else could be told of records names them by their keys.
            let count = try connection.integer("SELECT count(*) FROM \(table.name)")
            return count == 0
                ? [] : ["\(schema.name).\(schema.key.name) can't become the key: \(Self.text(count)) would lose theirs"]
        }
        for (column, field) in schema.fields.enumerated() {
            lines += [try nulls(field, column), try misfits(field, column), try orphans(field, column)]
                .compactMap(\.self)
        }
        for index in table.indexes where index.isUnique {
            if let line = try doubles(index) { lines.append(line) }
        }
        return lines
    }

    private func nulls(_ field: FieldSchema, _ column: Int) throws(SQLiteError) -> String? {
        guard !field.isNullable, field.key == nil, isFilled(field) || before(field)?.isNullable == true else {
            return nil
        }
        guard let found = try find("\(table.column(column)) IS NULL") else { return nil }
        let remedy =
            isFilled(field) ? "give the field a default, or make it nullable" : "give them a value, or make it nullable"
        return line(field, isFilled(field) ? "has no value for" : "can't become not nullable", found, remedy)
    }

    private func misfits(_ field: FieldSchema, _ column: Int) throws(SQLiteError) -> String? {
        guard migration.needsRebuild, !isFilled(field), let before = before(field),
            before.check != desired.columns[field.column]?.check, let check = table.condition(on: field)
        else { return nil }
        guard let found = try find("NOT (\(([check] + realDate(field, column)).joined(separator: " AND ")))") else {
            return nil
        }
        return line(field, "has values that don't fit \(check)", found, "change them, or what the field allows")
    }

    /// The table's check takes 2026-02-31, which could never be read.
    private func realDate(_ field: FieldSchema, _ column: Int) -> [String] {
        guard field.type == .date else { return [] }
        let name = table.column(column)
        return ["date(\(name)) IS \(name)", "\(name) >= '0001-01-01'"]
    }

    private func orphans(_ field: FieldSchema, _ column: Int) throws(SQLiteError) -> String? {
        guard migration.needsRebuild || isFilled(field), let reference = field.reference,
            let target = migration.catalog.table(named: reference.resource)
        else { return nil }
        let name = table.column(column)
        var condition = "\(name) IS NOT NULL"
        if let records = others[target.schema.table], !records.isNew {
            condition +=
                " AND NOT EXISTS (SELECT 1 FROM (\(records.projection())) AS target WHERE target.\(target.key) = new.\(name))"
        }
        guard let found = try find(condition) else { return nil }
        return line(
            field, "can't reference \(reference.resource)", found,
            "they refer to no record there: change or delete them")
    }

    private func doubles(_ index: Index) throws(SQLiteError) -> String? {
        guard migration.changes.contains(.makeIndex(index.name)) else { return nil }
        // lower() knows ASCII alone, as NOCASE does.
        let values = index.columns.map { index.isIgnoringCase ? "lower(\(table.column($0)))" : table.column($0) }
        let list = values.joined(separator: ", ")
        // Nulls differ from all.
        let present = values.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
        let several =
            "SELECT \(list) FROM (\(migration.projection())) WHERE \(present) GROUP BY \(list) HAVING count(*) > 1"
        guard let found = try find("(\(list)) IN (\(several))") else { return nil }
        let names = index.columns.map { "\(schema.name).\(schema.fields[$0].name)" }.joined(separator: " with ")
        return line(names, "can't be unique", found, "they share their values with others: change them")
    }

    // MARK: - Records

    private func isFilled(_ field: FieldSchema) -> Bool { migration.filled.contains(field.column) }

    private func before(_ field: FieldSchema) -> ColumnShape? {
        actual.columns[migration.oldNames[field.column] ?? field.column]
    }

    private struct Found {
        let count: Int64
        let first: String
    }

    /// The records as they will be, where a condition holds.
    private func find(_ condition: String) throws(SQLiteError) -> Found? {
        let records = "FROM (\(migration.projection())) AS new WHERE \(condition)"
        let count = try connection.integer("SELECT count(*) \(records)")
        guard count > 0 else { return nil }
        let first = try Statement("SELECT \(table.key) \(records) ORDER BY \(table.key) LIMIT 1", on: connection)
        guard try first.step() else { return nil }
        var row = RowBatch(width: 1)
        try first.append(0, schema.key.type.tag, to: &row)
        return Found(count: count, first: Key(row[0, 0], of: row)?.description ?? "")
    }

    private func line(_ field: FieldSchema, _ what: String, _ found: Found, _ remedy: String) -> String {
        line("\(schema.name).\(field.name)", what, found, remedy)
    }

    private func line(_ name: String, _ what: String, _ found: Found, _ remedy: String) -> String {
        "\(name) \(what): \(Self.text(found.count)), the first with the key \(found.first); \(remedy)"
    }

    private static func text(_ records: Int64) -> String {
        records == 1 ? "1 record" : "\(records) records"
    }
}
