import MartletKernel
import MartletModel
import MartletSQL

/// How the steps of a migration are made.
struct MigrationStatements {
    /// The tables as they are.
    let actual: DatabaseShape
    let constraints: ConstraintNames

    func step(_ step: MigrationStep) -> Migration.Step {
        let table = step.table
        switch step.action {
        case .makeTable: return step.step(table.layout.definitions())
        case .rebuildTable:
            let removals = dropReferences(to: table) + ["DROP TABLE \(table.layout.name)"]
            return step.step(removals + table.layout.definitions())
        case .change(let change): return step.step(statements(for: change, table))
        case .restoreReference(let index): return step.step(reference(of: index, table))
        }
    }

    private func statements(for change: TableChange, _ table: TableMigration) -> [String] {
        let layout = table.layout
        switch change {
        case .dropIndex(let name): return ["DROP INDEX \(quotedIdentifier(name))"]
        case .dropTrigger(let name): return [SetNullTrigger.removal(of: name, from: layout)]
        case .rename(let rename): return renaming(rename, table)
        case .addColumn(let name): return adding(name, table)
        case .dropColumn(let name): return [table.alter("DROP COLUMN \(quotedIdentifier(name))")]
        case .retypeColumn(let name, _, _): return retyping(name, table)
        case .setNullability(let name, let isNullable):
            return [table.alter("ALTER COLUMN \(quotedIdentifier(name)) \(isNullable ? "DROP" : "SET") NOT NULL")]
        case .setCheck(let name, _): return checking(name, table)
        case .setKeyKind(let name, let kind): return settingKeyKind(name, kind, table)
        case .setReference(let name, let reference):
            guard reference != nil else {
                return dropConstraint(constraints.references[table.table]?[table.oldNames[name] ?? name], table)
            }
            let present = current(constraints.references, name, table, layout.referenceName(name))
            return dropConstraint(present, table) + (table.index(of: name).map { self.reference(of: $0, table) } ?? [])
        case .makeIndex(let name): return layout.indexes.filter { $0.name == name }.map(\.definition)
        case .makeTrigger: return [SetNullTrigger(layout)?.definition].compactMap(\.self)
        // These make the table.
        case .makeTable, .changeKey: return []
        }
    }

    private func reference(of index: Int, _ table: TableMigration) -> [String] {
        [table.layout.referenceDefinition(of: index, table.graph)].compactMap(\.self)
    }

    /// The name of a column's constraint. A renamed column's has its new name already.
    private func current(
        _ names: [String: [String: String]], _ column: String, _ table: TableMigration, _ new: String
    ) -> String? {
        guard let old = table.oldNames[column] else { return names[table.table]?[column] }
        return names[table.table]?[old].map { _ in new }
    }

    /// Those that others have to this table.
    private func dropReferences(to target: TableMigration) -> [String] {
        actual.tables.sorted { $0.key < $1.key }.flatMap { name, shape in
            shape.columns.keys.sorted().compactMap { column in
                guard shape.columns[column]?.reference?.table == target.table, name != target.table,
                    let constraint = constraints.references[name]?[column]
                else { return nil }
                return
                    "ALTER TABLE \(quotedIdentifier(name)) DROP CONSTRAINT IF EXISTS \(quotedIdentifier(constraint))"
            }
        }
    }

    private func dropConstraint(_ name: String?, _ table: TableMigration) -> [String] {
        name.map { [table.alter("DROP CONSTRAINT IF EXISTS \(quotedIdentifier($0))")] } ?? []
    }

    /// Its constraints are called like it: a later column of the old name has use for those names.
    private func renaming(_ rename: ColumnRename, _ table: TableMigration) -> [String] {
        let pairs = [
            (constraints.checks[table.table]?[rename.old], table.layout.checkName(rename.new)),
            (constraints.references[table.table]?[rename.old], table.layout.referenceName(rename.new)),
        ]
        let renames = pairs.compactMap { old, new in
            old.flatMap { old in
                old == new
                    ? nil
                    : table.alter("RENAME CONSTRAINT \(quotedIdentifier(old)) TO \(quotedIdentifier(new))")
            }
        }
        let names = "\(quotedIdentifier(rename.old)) TO \(quotedIdentifier(rename.new))"
        return [table.alter("RENAME COLUMN \(names)")] + renames
    }

    private func adding(_ name: String, _ table: TableMigration) -> [String] {
        let layout = table.layout
        guard let index = table.index(of: name) else { return [table.alter("ADD COLUMN \(layout.versionDefinition)")] }
        // The default is for the records that are there, which needn't be written anew for it, and for those that a server with
        // older resources makes beside this one.
        let definition = "\(layout.definition(of: index)) DEFAULT (\(table.fillLiteral(index)))"
        let field = layout.schema.fields[index]
        let column = "ALTER COLUMN \(quotedIdentifier(name))"
        if field.managed != nil {
            return [table.alter("ADD COLUMN \(definition)"), table.alter("\(column) SET DEFAULT now()")]
        }
        return [table.alter("ADD COLUMN \(definition)")]
            + (field.defaultValue != nil ? [] : [table.alter("\(column) DROP DEFAULT")])
    }

    /// What hangs on the old column goes with it, and nobody has said that of what is made again.
    private func retyping(_ name: String, _ table: TableMigration) -> [String] {
        let (layout, changes) = (table.layout, table.changes)
        let trigger = SetNullTrigger(layout)
        let isWatched = table.index(of: name).map { layout.schema.fields[$0].reference?.onDelete == .setNull } ?? false
        let again = layout.indexes.filter { index in
            index.columns.contains { layout.schema.fields[$0].column == name }
                && !changes.contains(.makeIndex(index.name))
        }
        let isRemade = isWatched && trigger.map { !changes.contains(.makeTrigger($0.name)) } ?? false
        return (isRemade ? [trigger.map { SetNullTrigger.removal(of: $0.name, from: layout) }] : []).compactMap(\.self)
            + [table.alter("DROP COLUMN \(quotedIdentifier(name))")] + adding(name, table) + again.map(\.definition)
            + (isRemade ? [trigger?.definition] : []).compactMap(\.self)
    }

    private func checking(_ name: String, _ table: TableMigration) -> [String] {
        let constraint = table.index(of: name).flatMap(table.layout.checkConstraint)
        return dropConstraint(current(constraints.checks, name, table, table.layout.checkName(name)), table)
            + (constraint.map { [table.alter("ADD \($0)")] } ?? [])
    }

    private func settingKeyKind(_ name: String, _ kind: KeyKind, _ table: TableMigration) -> [String] {
        let column = quotedIdentifier(name)
        guard kind == .generated else {
            return [
                table.alter("ALTER COLUMN \(column) DROP IDENTITY IF EXISTS"),
                table.alter("ALTER COLUMN \(column) DROP DEFAULT"),
            ]
        }
        let sequence =
            "pg_get_serial_sequence(\(SQLDialect.postgres.literal(table.layout.name)), \(SQLDialect.postgres.literal(name)))"
        return [
            table.alter("ALTER COLUMN \(column) ADD GENERATED BY DEFAULT AS IDENTITY"),
            "SELECT setval(\(sequence), greatest(max(\(column)), 0) + 1, false) FROM \(table.layout.name)",
        ]
    }
}

extension TableMigration {
    fileprivate func alter(_ action: String) -> String { "ALTER TABLE \(layout.name) \(action)" }

    /// Columns that are dropped, if only to be made anew.
    var lostColumns: [String] { changes.compactMap(\.lostColumn) }
}

extension TableChange {
    /// The column that is dropped, if only to be made anew.
    var lostColumn: String? {
        switch self {
        case .dropColumn(let name), .retypeColumn(let name, _, _): name
        default: nil
        }
    }
}
