import MartletKernel
package import MartletModel

/// Looks for records that a table's new definition wouldn't allow.
package struct RecordQuestion: Sendable {
    private let table: TableMigration
    private let fields: [String]
    private let reason: ConstraintViolations.Reason
    private let records: String

    /// - Parameter condition: on the records as they will be.
    fileprivate init(
        _ table: TableMigration, _ fields: [String], _ reason: ConstraintViolations.Reason, where condition: String
    ) {
        (self.table, self.fields, self.reason) = (table, fields, reason)
        records = "FROM (\(table.projection())) AS new WHERE \(condition)"
    }

    /// How many there are.
    package var count: String { "SELECT count(*) \(records)" }

    /// The key of the first one. Nil where the table gets another key: there is nothing to name records by.
    package var firstKey: String? {
        let key = table.layout.key
        return table.changesKey ? nil : "SELECT \(key) \(records) ORDER BY \(key) LIMIT 1"
    }

    package var schema: ResourceSchema { table.layout.schema }

    package func violations(_ count: Int64, first: Key?) -> ConstraintViolations {
        ConstraintViolations(table.layout.schema.name, fields, reason, count: count, first: first)
    }
}

extension MigrationPlanner {
    /// What to look for in the tables that change, and are there.
    package var questions: [RecordQuestion] {
        let byName = Dictionary(tables.map { ($0.table, $0) }) { first, _ in first }
        return tables.filter { !$0.changes.isEmpty }.flatMap { table -> [RecordQuestion] in
            guard let before = actual.tables[table.table], let after = desired.tables[table.table] else { return [] }
            return RecordQuestions(migration: table, before: before, after: after, others: byName).all
        }
    }
}

/// Of one table.
private struct RecordQuestions {
    let migration: TableMigration
    let before, after: TableShape
    /// All tables by their names: what their records will be.
    let others: [String: TableMigration]

    private var layout: TableLayout { migration.layout }
    private var dialect: SQLDialect { layout.dialect }
    private var fields: [FieldSchema] { layout.schema.fields }

    var all: [RecordQuestion] {
        let columns = fields.indices.flatMap { [nulls($0), unchecked($0), danglingReferences($0)] }
        let indexes = layout.indexes.filter(isMade).flatMap { [duplicates($0)] + $0.columns.map(tooLong) }
        return ([otherKey, versionless] + columns + indexes).compactMap(\.self)
    }

    private func question(
        _ fields: [String], _ reason: ConstraintViolations.Reason, where condition: String
    ) -> RecordQuestion {
        RecordQuestion(migration, fields, reason, where: condition)
    }

    private var otherKey: RecordQuestion? {
        migration.changesKey ? question([layout.schema.key.name], .otherKey, where: "true") : nil
    }

    private var versionless: RecordQuestion? {
        let version = TableLayout.versionColumn
        guard before.columns[version]?.isNullable == true else { return nil }
        return question([version], .null, where: "\(TableLayout.version) IS NULL")
    }

    private func nulls(_ column: Int) -> RecordQuestion? {
        let isFilled = isFilled(column)
        guard !fields[column].isNullable, isFilled || shape(column)?.isNullable == true else { return nil }
        return question(
            [fields[column].name], isFilled ? .withoutValue : .null, where: "\(layout.column(column)) IS NULL")
    }

    private func unchecked(_ column: Int) -> RecordQuestion? {
        let (field, name) = (fields[column], layout.column(column))
        let isSet = migration.changes.contains { if case .setCheck(field.column, _?) = $0 { true } else { false } }
        guard !isFilled(column), let before = shape(column), let check = layout.check(on: column),
            isSet || migration.isRebuilt && before.check != after.columns[field.column]?.check
        else { return nil }
        let conditions = [check] + dialect.furtherChecks(of: field, name)
        return question(
            [field.name], .check(field.admittedValues), where: "NOT (\(conditions.joined(separator: " AND ")))")
    }

    private func danglingReferences(_ column: Int) -> RecordQuestion? {
        let (field, name) = (fields[column], layout.column(column))
        let isSet = migration.changes.contains { if case .setReference(field.column, _?) = $0 { true } else { false } }
        guard isSet || migration.isRebuilt || isFilled(column), let target = migration.graph.target(of: layout, column)
        else { return nil }
        var condition = "\(name) IS NOT NULL"
        if let records = others[target.schema.table], !records.isNew, !records.changesKey {
            let same = "target.\(target.key) = new.\(name)"
            condition += " AND NOT EXISTS (SELECT 1 FROM (\(records.projection())) AS target WHERE \(same))"
        }
        return question([field.name], .danglingReferences(to: target.schema.name), where: condition)
    }

    private func duplicates(_ index: Index) -> RecordQuestion? {
        guard index.isUnique else { return nil }
        let list = index.values.joined(separator: ", ")
        // Nulls differ from all.
        let present = index.values.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
        let several =
            "SELECT \(list) FROM (\(migration.projection())) AS same WHERE \(present) GROUP BY \(list) HAVING count(*) > 1"
        return question(index.columns.map { fields[$0].name }, .duplicates, where: "(\(list)) IN (\(several))")
    }

    private func tooLong(_ column: Int) -> RecordQuestion? {
        guard let limit = fields[column].byteLimit, shape(column) != nil else { return nil }
        return question(
            [fields[column].name], .tooLongForIndex(limit),
            where: "\(dialect.entryByteCount(layout.column(column))) > \(limit)")
    }

    /// An index on a column that begins anew is made again too.
    private func isMade(_ index: Index) -> Bool {
        migration.changes.contains(.makeIndex(index.name)) || index.columns.contains(where: isFilled)
    }

    private func isFilled(_ column: Int) -> Bool { migration.filled.contains(fields[column].column) }

    /// What the column is like in the database.
    private func shape(_ column: Int) -> ColumnShape? {
        let name = fields[column].column
        return before.columns[migration.oldNames[name] ?? name]
    }
}
