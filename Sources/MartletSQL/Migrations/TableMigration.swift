package import MartletKernel
package import MartletModel

/// One table in a migration: what changes in it.
package struct TableMigration: Sendable {
    package let layout: TableLayout
    package let graph: ReferenceGraph
    package let changes: [TableChange]
    /// The time of the migration, for the columns that hold such times.
    package let time: Timestamp
    /// The old names of columns by the new ones.
    package let oldNames: [String: String]
    /// Columns that have nothing of what is there.
    package let filled: Set<String>

    init(_ layout: TableLayout, _ graph: ReferenceGraph, _ changes: [TableChange], at time: Timestamp) {
        (self.layout, self.graph, self.changes, self.time) = (layout, graph, changes, time)
        var (oldNames, filled): ([String: String], Set<String>) = ([:], [])
        for change in changes {
            switch change {
            case .rename(let rename): oldNames[rename.new] = rename.old
            case .addColumn(let name), .retypeColumn(let name, _, _): filled.insert(name)
            default: break
            }
        }
        (self.oldNames, self.filled) = (oldNames, filled)
    }

    /// The table's name.
    package var table: String { layout.schema.table }
    package var isNew: Bool { changes.contains(.makeTable) }

    /// It gets another key: only a table without records can.
    package var changesKey: Bool {
        changes.contains { if case .changeKey = $0 { true } else { false } }
    }

    /// A new table takes its place. On SQLite its records are copied, on PostgreSQL it has none.
    package var isRebuilt: Bool { changes.contains { layout.dialect.rebuildsTable(for: $0) } }

    /// The index of a column's field; nil for the version.
    package func index(of column: String) -> Int? {
        layout.schema.fields.firstIndex { $0.column == column }
    }

    /// The records as they will be, from the table as it is.
    /// - Parameter isRenamed: whether its columns have their new names already.
    package func projection(isRenamed: Bool = false) -> String {
        let columns = layout.schema.fields.map(\.column) + [TableLayout.versionColumn]
        let values = columns.enumerated().map { index, column in
            let name = quotedIdentifier(column)
            let old = isRenamed ? name : quotedIdentifier(oldNames[column] ?? column)
            let value = filled.contains(column) ? fillLiteral(index) : old
            return value == name ? name : "\(value) AS \(name)"
        }
        return "SELECT \(values.joined(separator: ", ")) FROM \(layout.name)"
    }

    /// What records have in a new column: what a new record gets where nothing is said.
    package func fillLiteral(_ index: Int) -> String {
        guard index < layout.schema.fields.count else { return "0" }
        let field = layout.schema.fields[index]
        var row = RowBatch(width: 1)
        row.appendAbsentRow()
        field.fill(&row, 0, at: time)
        return layout.dialect.literal(row[0, 0], of: row, field.type)
    }
}

extension SQLDialect {
    /// Whether it has no ALTER TABLE for a change (<https://www.sqlite.org/lang_altertable.html>).
    func rebuildsTable(for change: TableChange) -> Bool {
        switch change {
        case .changeKey: true
        case .dropColumn, .retypeColumn, .setKeyKind, .setNullability, .setCheck, .setReference: self == .sqlite
        case .makeTable, .rename, .addColumn, .dropIndex, .makeIndex, .dropTrigger, .makeTrigger: false
        }
    }
}
