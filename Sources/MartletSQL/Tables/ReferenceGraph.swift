package import MartletKernel
package import MartletModel

/// Which tables refer to which, and so what a deletion takes, sets null or is restricted by.
package struct ReferenceGraph: Sendable {
    package let tables: [TableLayout]
    let dialect: SQLDialect
    /// By resource.
    private let ordinals: [String: Int]
    /// The references to each resource's records, in the order of the tables.
    private let referring: [String: [(ordinal: Int, column: Int)]]

    package init(_ schemas: [ResourceSchema], _ dialect: SQLDialect, in namespace: String? = nil) {
        tables = schemas.enumerated().map { TableLayout($1, ordinal: $0, dialect, in: namespace) }
        self.dialect = dialect
        ordinals = Dictionary(schemas.enumerated().map { ($1.name, $0) }) { first, _ in first }
        var referring: [String: [(ordinal: Int, column: Int)]] = [:]
        for table in tables {
            for column in table.references {
                guard let target = table.schema.fields[column].reference?.resource else { continue }
                referring[target, default: []].append((table.ordinal, column))
            }
        }
        self.referring = referring
    }

    package func table(named resource: String) -> TableLayout? {
        ordinals[resource].map { tables[$0] }
    }

    /// The table that a column refers to.
    package func target(of table: TableLayout, _ column: Int) -> TableLayout? {
        table.schema.fields[column].reference.flatMap { self.table(named: $0.resource) }
    }

    /// The references to a table's records that have a rule, in the order of the tables.
    package func references(to table: TableLayout, _ rule: DeleteRule) -> [(child: TableLayout, column: Int)] {
        (referring[table.schema.name] ?? []).compactMap { ordinal, column in
            let child = tables[ordinal]
            return child.schema.fields[column].reference?.onDelete == rule ? (child, column) : nil
        }
    }

    /// The table, and those from which a deletion from it takes records too, through references that cascade.
    package func tablesDeleted(with table: TableLayout) -> [TableLayout] {
        var found = [table]
        var ordinals: Set = [table.ordinal]
        var next = 0
        while next < found.count {
            for (child, _) in references(to: found[next], .cascade) where ordinals.insert(child.ordinal).inserted {
                found.append(child)
            }
            next += 1
        }
        return found
    }

    /// Whether a deletion from a table can make references null.
    package func setsNull(deletingFrom table: TableLayout) -> Bool {
        tablesDeleted(with: table).contains { !references(to: $0, .setNull).isEmpty }
    }

    // MARK: - Selections

    /// All records that a deletion from a table takes: the ordinals of tables, and the columns of ``keyColumns``. No record comes
    /// before the one it was found by. Parameters: the key of the record to delete.
    package func cascadeSelection(of table: TableLayout) -> String {
        "\(deletedRecords(with: table)) SELECT CAST(\"table\" AS bigint), \(keyNames) FROM deleted"
    }

    /// The references that restrict a deletion from a table. Nil when there are none.
    package func referrers(of table: TableLayout) -> Referrers? {
        let deleted = tablesDeleted(with: table)
        let restricting = deleted.flatMap { target in
            references(to: target, .restrict).map { (child: $0.child, column: $0.column, target: target) }
        }.sorted { ($0.child.schema.name, $0.column) < ($1.child.schema.name, $1.column) }
        guard !restricting.isEmpty else { return nil }
        let conditions = restricting.map { child, column, target in
            // A record that is deleted too keeps nothing.
            "EXISTS (SELECT 1 FROM deleted CROSS JOIN \(child.relation) AS child "
                + "WHERE \(refers(child, column, to: target)) AND child.\(child.key) NOT IN "
                + "(SELECT \(keyColumn(of: child)) FROM deleted WHERE \"table\" = \(child.ordinal)))"
        }
        return Referrers(
            fields: restricting.map { child, column, _ in
                Refusal.Referrer(resource: child.schema.name, field: child.schema.fields[column].name)
            },
            selection: "\(deletedRecords(with: table)) SELECT \(conditions.joined(separator: ", "))")
    }

    /// The records that a deletion takes, as a common table expression: tables and keys. UNION drops what is found again, so
    /// that it ends also where records refer to each other in a circle (<https://www.sqlite.org/lang_with.html>, 3,
    /// <https://www.postgresql.org/docs/current/queries-with.html>).
    private func deletedRecords(with table: TableLayout) -> String {
        let steps = tablesDeleted(with: table).flatMap { target in
            references(to: target, .cascade).map { child, column in
                "SELECT \(child.ordinal), \(keys(of: child, "child.\(child.key)")) "
                    + "FROM \(dialect == .sqlite ? "deleted CROSS JOIN " : "")\(child.relation) AS child "
                    + "WHERE \(refers(child, column, to: target))"
            }
        }
        // PostgreSQL's recursive term may name `deleted` once only: its steps stand beside it, looked up for each of its rows.
        let recursion =
            switch dialect {
            case _ where steps.isEmpty: ""
            case .sqlite: steps.map { " UNION \($0)" }.joined()
            case .postgres:
                " UNION SELECT found.* FROM deleted CROSS JOIN LATERAL (\(steps.joined(separator: " UNION ALL "))) AS found"
            }
        let first = "SELECT \(table.ordinal), \(keys(of: table, dialect.parameter(1)))"
        return "WITH RECURSIVE deleted (\"table\", \(keyNames)) AS (\(first)\(recursion))"
    }

    private func refers(_ child: TableLayout, _ column: Int, to target: TableLayout) -> String {
        "deleted.\"table\" = \(target.ordinal) AND child.\(child.column(column)) = deleted.\(keyColumn(of: target))"
    }

    // MARK: - Keys of several types

    /// PostgreSQL's columns have one type each: there is one for each type that keys have.
    private var keyColumns: [(name: String, type: String)] {
        switch dialect {
        case .sqlite: [("record", "")]
        case .postgres: [("integer_key", "bigint"), ("text_key", "text COLLATE \"C\""), ("uuid_key", "uuid")]
        }
    }

    private var keyNames: String { keyColumns.map(\.name).joined(separator: ", ") }

    private func keyColumn(of table: TableLayout) -> String {
        switch (dialect, table.schema.key.type) {
        case (.sqlite, _): "record"
        case (.postgres, .integer): "integer_key"
        case (.postgres, .uuid): "uuid_key"
        case (.postgres, _): "text_key"
        }
    }

    private func keys(of table: TableLayout, _ key: String) -> String {
        guard dialect == .postgres else { return key }
        let own = keyColumn(of: table)
        return keyColumns.map { "\($0.name == own ? key : "NULL")::\($0.type)" }.joined(separator: ", ")
    }
}

/// The references that restrict a deletion, in the order of their resources' names and of their schemas.
package struct Referrers: Sendable {
    private let fields: [Refusal.Referrer]
    /// A row of booleans: of each reference whether it restricts the deletion. Parameters: the key of the record to delete.
    package let selection: String

    init(fields: [Refusal.Referrer], selection: String) {
        (self.fields, self.selection) = (fields, selection)
    }

    package var tags: [Cell.Tag] { Array(repeating: .boolean, count: fields.count) }

    /// - Parameter found: what ``selection`` has found.
    /// - Returns: nil when nothing restricts the deletion.
    package func refusal(by found: RowBatch) -> Refusal.Reason? {
        let restricting = fields.indices.filter { found[0, $0].boolean == true }.map { fields[$0] }
        return restricting.isEmpty ? nil : .stillReferenced(restricting)
    }
}
