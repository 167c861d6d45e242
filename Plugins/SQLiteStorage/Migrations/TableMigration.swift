import MartletKernel
import MartletModel

/// One table on its way: what changes in it, and the SQL for that.
struct TableMigration {
    let table: Table
    let catalog: Catalog
    let changes: [TableChange]
    /// When it happens, for the columns that tell such times.
    let time: Timestamp
    /// The old names of columns by the new ones.
    let oldNames: [String: String]
    /// Columns that have nothing of what is there.
    let filled: Set<String>
    /// Whether ALTER TABLE can't do it.
    let needsRebuild: Bool

    init(_ table: Table, _ catalog: Catalog, _ changes: [TableChange], at time: Timestamp) {
        (self.table, self.catalog, self.changes, self.time) = (table, catalog, changes, time)
        var (oldNames, filled, needsRebuild): ([String: String], Set<String>, Bool) = ([:], [], false)
        for change in changes {
            switch change {
            case .rename(let rename): oldNames[rename.new] = rename.old
            case .addColumn(let name): filled.insert(name)
            case .retypeColumn(let name, _, _):
                filled.insert(name)
                needsRebuild = true
            case .dropColumn, .changeKey, .setKeyKind, .setNullability, .setCheck, .setReference: needsRebuild = true
            case .makeTable, .dropIndex, .makeIndex, .dropTrigger, .makeTrigger: break
            }
        }
        (self.oldNames, self.filled, self.needsRebuild) = (oldNames, filled, needsRebuild)
    }

    var isNew: Bool { changes.contains(.makeTable) }

    /// All columns, as they will be called.
    private var columns: [String] { table.schema.fields.map(\.column) + ["_version"] }

    /// The records as they will be, from the table as it is.
    /// - Parameter isRenamed: whether its columns have their new names already.
    func projection(isRenamed: Bool = false) -> String {
        let values = columns.enumerated().map { index, column in
            let name = Table.quote(column)
            guard !filled.contains(column) else { return "\(fill(index)) AS \(name)" }
            return isRenamed ? name : "\(Table.quote(oldNames[column] ?? column)) AS \(name)"
        }
        return "SELECT \(values.joined(separator: ", ")) FROM \(table.name)"
    }

    /// What records have in a new column, as a literal.
    private func fill(_ index: Int) -> String {
        index < table.schema.fields.count ? table.fillLiteral(index, at: time) : "0"
    }

    // MARK: - Steps

    /// - Parameter extras: indexes and triggers of the table that others have made.
    func steps(_ extras: [(name: String, definition: String)]) -> [Migration.Step] {
        if isNew {
            let sql = [table.definition(catalog)] + table.indexes.map(\.definition) + table.triggers.map(\.definition)
            return [step([.makeTable], sql)]
        }
        // What is dropped goes first, so that no name of it is in the way of a rename, and nothing is made twice.
        let alterations = needsRebuild ? [rebuild(extras)] : changes.compactMap(addition)
        return changes.compactMap(removal) + changes.compactMap(renaming) + alterations
            + (needsRebuild ? [] : changes.compactMap(making))
    }

    private func step(_ changes: [TableChange], _ sql: [String]) -> Migration.Step {
        Migration.Step(changes.map { $0.change(in: table.schema.table) }, sql: sql)
    }

    private func removal(_ change: TableChange) -> Migration.Step? {
        switch change {
        case .dropIndex(let name): step([change], ["DROP INDEX \(Table.quote(name))"])
        case .dropTrigger(let name): step([change], ["DROP TRIGGER \(Table.quote(name))"])
        default: nil
        }
    }

    private func renaming(_ change: TableChange) -> Migration.Step? {
        guard case .rename(let rename) = change else { return nil }
        let names = "\(Table.quote(rename.old)) TO \(Table.quote(rename.new))"
        return step([change], ["ALTER TABLE \(table.name) RENAME COLUMN \(names)"])
    }

    private func addition(_ change: TableChange) -> Migration.Step? {
        guard case .addColumn(let name) = change else { return nil }
        guard let index = table.schema.fields.firstIndex(where: { $0.column == name }) else {
            return step([change], [table.addVersion])
        }
        return step([change], [table.addColumn(index, catalog, fill: fill(index))])
    }

    private func making(_ change: TableChange) -> Migration.Step? {
        switch change {
        case .makeIndex(let name): step([change], table.indexes.filter { $0.name == name }.map(\.definition))
        case .makeTrigger(let name): step([change], table.triggers.filter { $0.name == name }.map(\.definition))
        default: nil
        }
    }

    // MARK: - A new table in the place of the old one

    /// What ALTER TABLE can't do (<https://www.sqlite.org/lang_altertable.html>, 7), with references off.
    private func rebuild(_ extras: [(name: String, definition: String)]) -> Migration.Step {
        let new = Table.quote("martlet_new_\(table.schema.table)")
        let kept = extras.filter { !mentionsGoneColumn($0.definition) }
        let names = columns.map(Table.quote).joined(separator: ", ")
        let sql =
            [table.definition(catalog, as: new), keepKeys(Table.literal("martlet_new_\(table.schema.table)"))]
            .compactMap(\.self) + [
                "INSERT INTO \(new) (\(names)) \(projection(isRenamed: true))",
                "DROP TABLE \(table.name)",
                // Else a view of the table, which isn't there for a moment, stops the renaming, and references to it from
                // other tables are changed (https://www.sqlite.org/pragma.html#pragma_legacy_alter_table).
                "PRAGMA legacy_alter_table = ON",
                "ALTER TABLE \(new) RENAME TO \(table.name)",
                "PRAGMA legacy_alter_table = OFF",
            ] + table.indexes.map(\.definition) + table.triggers.map(\.definition) + kept.map(\.definition)
        var step = step(changes.filter { removal($0) == nil && renaming($0) == nil }, sql)
        for extra in extras where mentionsGoneColumn(extra.definition) {
            step.changes.append(
                Migration.Change("\(table.schema.table): drops \(extra.name), which names a column that goes"))
        }
        return step
    }

    /// Carries over which keys were given, before a copied record writes down its own
    /// (<https://www.sqlite.org/autoinc.html>, 3).
    private func keepKeys(_ new: String) -> String? {
        guard table.schema.key.key == .generated, table.schema.key.type == .integer else { return nil }
        return "INSERT INTO sqlite_sequence (name, seq) SELECT \(new), seq FROM sqlite_sequence "
            + "WHERE name = \(Table.literal(table.schema.table)) COLLATE NOCASE"
    }

    /// It may be found where it isn't meant: better one index too few than a trigger that fails every write.
    private func mentionsGoneColumn(_ definition: String) -> Bool {
        let text = definition.lowercased()
        return changes.contains { change in
            switch change {
            case .dropColumn(let name): text.contains(name.lowercased())
            case .rename(let rename): text.contains(rename.old.lowercased())
            default: false
            }
        }
    }
}
