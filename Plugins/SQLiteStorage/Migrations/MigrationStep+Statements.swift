import MartletKernel
import MartletModel
import MartletSQL

/// How a step of a migration is made.
extension MigrationStep {
    private var layout: TableLayout { table.layout }

    /// - Parameter extras: indexes and triggers of the table that others have made.
    func statements(_ extras: [(name: String, definition: String)]) -> Migration.Step {
        switch action {
        case .makeTable: step([layout.definition(table.graph)] + layout.attachments)
        case .rebuildTable: rebuilding(extras)
        case .change(let change): step(statements(for: change))
        // It is in the table's definition.
        case .restoreReference: step([])
        }
    }

    private func statements(for change: TableChange) -> [String] {
        switch change {
        case .dropIndex(let name): ["DROP INDEX \(quotedIdentifier(name))"]
        case .dropTrigger(let name): ["DROP TRIGGER \(quotedIdentifier(name))"]
        case .rename(let rename):
            [
                "ALTER TABLE \(layout.name) RENAME COLUMN \(quotedIdentifier(rename.old)) "
                    + "TO \(quotedIdentifier(rename.new))"
            ]
        case .addColumn(let name): ["ALTER TABLE \(layout.name) ADD COLUMN \(adding(name))"]
        case .makeIndex(let name): layout.indexes.filter { $0.name == name }.map(\.definition)
        case .makeTrigger(let name): layout.triggers.filter { $0.name == name }.map(\.definition)
        // These rebuild the table.
        case .makeTable, .dropColumn, .retypeColumn, .changeKey, .setKeyKind, .setNullability, .setCheck, .setReference:
            []
        }
    }

    /// The value that records get stays the column's default to the database, which only others see: Martlet names all columns
    /// when it inserts.
    private func adding(_ name: String) -> String {
        guard let index = table.index(of: name) else { return layout.versionDefinition }
        let fill = table.fillLiteral(index)
        return layout.definition(of: index, table.graph) + (fill == "NULL" ? "" : " DEFAULT \(fill)")
    }

    // MARK: - A new table in the place of the old one

    /// What ALTER TABLE can't do (<https://www.sqlite.org/lang_altertable.html>, 7), with references off.
    private func rebuilding(_ extras: [(name: String, definition: String)]) -> Migration.Step {
        let new = "martlet_new_\(table.table)"
        let kept = extras.filter { !namesLostColumn($0.definition) }
        let lost = extras.filter { namesLostColumn($0.definition) }
        let sql =
            [layout.definition(as: quotedIdentifier(new), table.graph), keepKeys(new)].compactMap(\.self) + [
                "INSERT INTO \(quotedIdentifier(new)) (\(layout.columnList)) \(table.projection(isRenamed: true))",
                "DROP TABLE \(layout.name)",
                // Else a view of the table, which isn't there for a moment, stops the renaming, and references to it from
                // other tables are changed (https://www.sqlite.org/pragma.html#pragma_legacy_alter_table).
                "PRAGMA legacy_alter_table = ON",
                "ALTER TABLE \(quotedIdentifier(new)) RENAME TO \(layout.name)",
                "PRAGMA legacy_alter_table = OFF",
            ] + layout.attachments + kept.map(\.definition)
        var step = step(sql)
        step.changes += lost.map {
            Migration.Change("\(table.table): drops \($0.name), which names a column that goes")
        }
        return step
    }

    /// Carries over which keys were given, before a copied record writes down its own
    /// (<https://www.sqlite.org/autoinc.html>, 3).
    private func keepKeys(_ new: String) -> String? {
        guard layout.generatesKeys else { return nil }
        return "INSERT INTO sqlite_sequence (name, seq) SELECT \(layout.dialect.literal(new)), seq \(layout.lastKey)"
    }

    /// It may be found where it isn't meant: better one index too few than a trigger that fails every write.
    private func namesLostColumn(_ definition: String) -> Bool {
        let text = definition.lowercased()
        return table.changes.contains { change in
            switch change {
            case .dropColumn(let name): text.contains(name.lowercased())
            case .rename(let rename): text.contains(rename.old.lowercased())
            default: false
            }
        }
    }
}

extension TableLayout {
    /// The definitions of its indexes and triggers.
    var attachments: [String] { indexes.map(\.definition) + triggers.map(\.definition) }
}
