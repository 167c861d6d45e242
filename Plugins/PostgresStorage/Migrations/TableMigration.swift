import MartletKernel
import MartletModel

/// One table on its way: what changes in it, and the SQL for that.
///
/// Steps come in three rounds, each of all tables: what goes, what else changes, and references, for which all tables have
/// to be as they will be.
struct TableMigration {
    let layout: TableLayout
    let graph: ReferenceGraph
    let changes: [TableChange]
    let constraints: ConstraintNames
    /// When it happens, for the columns that tell such times.
    let time: Timestamp
    /// The old names of columns by the new ones.
    let oldNames: [String: String]
    /// Columns that have nothing of what is there.
    let filled: Set<String>
    /// It gets another key, and is made anew: it has no records.
    let isRemade: Bool

    init(
        _ layout: TableLayout, _ graph: ReferenceGraph, _ changes: [TableChange], _ constraints: ConstraintNames,
        at time: Timestamp
    ) {
        (self.layout, self.graph, self.changes) = (layout, graph, changes)
        (self.constraints, self.time) = (constraints, time)
        var (oldNames, filled, isRemade): ([String: String], Set<String>, Bool) = ([:], [], false)
        for change in changes {
            switch change {
            case .rename(let rename): oldNames[rename.new] = rename.old
            case .addColumn(let name), .retypeColumn(let name, _, _): filled.insert(name)
            case .changeKey: isRemade = true
            default: break
            }
        }
        (self.oldNames, self.filled, self.isRemade) = (oldNames, filled, isRemade)
    }

    var table: String { layout.schema.table }
    var isNew: Bool { changes.contains(.makeTable) }

    /// The records as they will be, from the table as it is.
    var projection: String {
        let values = layout.schema.fields.indices.map { index in
            let column = layout.schema.fields[index].column
            let value =
                filled.contains(column)
                ? "(\(layout.fillLiteral(index, at: time)))" : TableLayout.quote(oldNames[column] ?? column)
            return "\(value) AS \(layout.column(index))"
        }
        return "SELECT \(values.joined(separator: ", ")) FROM \(layout.name)"
    }

    /// Columns that are dropped, if only to be made anew.
    var gone: [(name: String, change: TableChange)] {
        changes.compactMap { change in
            switch change {
            case .dropColumn(let name), .retypeColumn(let name, _, _): (name, change)
            default: nil
            }
        }
    }

    func index(of column: String) -> Int? {
        layout.schema.fields.firstIndex { $0.column == column }
    }

    private func step(_ changes: [TableChange], _ sql: [String]) -> Migration.Step {
        Migration.Step(changes.map { $0.change(in: table) }, sql: sql)
    }

    private func alter(_ action: String) -> String { "ALTER TABLE \(layout.name) \(action)" }

    // MARK: - What goes

    /// - Parameter actual: the tables that may refer to this one.
    func removals(_ actual: DatabaseShape) -> [Migration.Step] {
        guard !isNew else { return [] }
        guard !isRemade else {
            return [step(changes, dropReferences(in: actual) + ["DROP TABLE \(layout.name)"] + making)]
        }
        return changes.compactMap { change in
            switch change {
            case .dropIndex(let name): step([change], ["DROP INDEX \(TableLayout.quote(name))"])
            case .dropTrigger(let name): step([change], [SetNullTrigger.removal(of: name, from: layout)])
            case .setReference(let column, nil):
                step([change], dropConstraint(constraints.references[table]?[oldNames[column] ?? column]))
            default: nil
            }
        }
    }

    /// Those that others have to this table.
    private func dropReferences(in actual: DatabaseShape) -> [String] {
        actual.tables.sorted { $0.key < $1.key }.flatMap { name, shape in
            shape.columns.keys.sorted().compactMap { column in
                guard shape.columns[column]?.reference?.table == table, name != table,
                    let constraint = constraints.references[name]?[column]
                else { return nil }
                return
                    "ALTER TABLE \(TableLayout.quote(name)) DROP CONSTRAINT IF EXISTS \(TableLayout.quote(constraint))"
            }
        }
    }

    private func dropConstraint(_ name: String?) -> [String] {
        name.map { [alter("DROP CONSTRAINT IF EXISTS \(TableLayout.quote($0))")] } ?? []
    }

    // MARK: - What changes

    var alterations: [Migration.Step] {
        if isNew { return [step([.makeTable], making)] }
        if isRemade { return [] }
        // A name may be free only when a column that has it is renamed or gone.
        return changes.compactMap { if case .rename(let rename) = $0 { step([$0], renaming(rename)) } else { nil } }
            + changes.compactMap(alteration)
            + changes.compactMap { change in
                switch change {
                case .makeIndex(let name): step([change], layout.indexes.filter { $0.name == name }.map(\.definition))
                case .makeTrigger: step([change], [SetNullTrigger(layout)?.definition].compactMap(\.self))
                default: nil
                }
            }
    }

    private var making: [String] {
        [layout.definition] + layout.indexes.map(\.definition)
            + [SetNullTrigger(layout)?.definition].compactMap(\.self)
    }

    /// Its constraints are called like it: a later column of the old name has use for those names.
    private func renaming(_ rename: ColumnRename) -> [String] {
        let pairs = [
            (constraints.checks[table]?[rename.old], TableLayout.checkName(rename.new)),
            (constraints.references[table]?[rename.old], TableLayout.referenceName(rename.new)),
        ]
        let renames = pairs.compactMap { old, new in
            old.flatMap { old in
                old == new
                    ? nil
                    : alter("RENAME CONSTRAINT \(TableLayout.quote(old)) TO \(TableLayout.quote(new))")
            }
        }
        let names = "\(TableLayout.quote(rename.old)) TO \(TableLayout.quote(rename.new))"
        return [alter("RENAME COLUMN \(names)")] + renames
    }

    private func alteration(_ change: TableChange) -> Migration.Step? {
        switch change {
        case .addColumn(let name): step([change], adding(name))
        case .dropColumn(let name): step([change], [alter("DROP COLUMN \(TableLayout.quote(name))")])
        case .retypeColumn(let name, _, _): step([change], retyping(name))
        case .setNullability(let name, let isNullable):
            step([change], [alter("ALTER COLUMN \(TableLayout.quote(name)) \(isNullable ? "DROP" : "SET") NOT NULL")])
        case .setCheck(let name, _): step([change], checking(name))
        case .setKeyKind(let name, let kind): step([change], settingKeyKind(name, kind))
        default: nil
        }
    }

    private func adding(_ name: String) -> [String] {
        guard let index = index(of: name) else { return [alter("ADD COLUMN \(TableLayout.versionDefinition)")] }
        // The default is for the records that are there, which needn't be written anew for it, and for those that a server with
        // older resources makes beside this one.
        let definition = "\(layout.definition(of: index)) DEFAULT (\(layout.fillLiteral(index, at: time)))"
        let field = layout.schema.fields[index]
        let column = "ALTER COLUMN \(TableLayout.quote(name))"
        if field.managed != nil { return [alter("ADD COLUMN \(definition)"), alter("\(column) SET DEFAULT now()")] }
        return [alter("ADD COLUMN \(definition)")]
            + (field.defaultValue != nil ? [] : [alter("\(column) DROP DEFAULT")])
    }

    /// What hangs on the old column goes with it, and nobody has said that of what is made again.
    private func retyping(_ name: String) -> [String] {
        let trigger = SetNullTrigger(layout)
        let isWatched = index(of: name).map { layout.schema.fields[$0].reference?.onDelete == .setNull } ?? false
        let again = layout.indexes.filter { index in
            index.columns.contains { layout.schema.fields[$0].column == name }
                && !changes.contains(.makeIndex(index.name))
        }
        let isRemade = isWatched && trigger.map { !changes.contains(.makeTrigger($0.name)) } ?? false
        return (isRemade ? [trigger.map { SetNullTrigger.removal(of: $0.name, from: layout) }] : []).compactMap(\.self)
            + [alter("DROP COLUMN \(TableLayout.quote(name))")] + adding(name) + again.map(\.definition)
            + (isRemade ? [trigger?.definition] : []).compactMap(\.self)
    }

    private func checking(_ name: String) -> [String] {
        let before = constraints.checks[table]?[oldNames[name] ?? name]
        // A renamed column's has its new name already.
        let present = before.map { oldNames[name] == nil ? $0 : TableLayout.checkName(name) }
        let constraint = index(of: name).flatMap(layout.checkConstraint)
        return dropConstraint(present) + (constraint.map { [alter("ADD \($0)")] } ?? [])
    }

    private func settingKeyKind(_ name: String, _ kind: KeyKind) -> [String] {
        let column = TableLayout.quote(name)
        guard kind == .generated else {
            return [
                alter("ALTER COLUMN \(column) DROP IDENTITY IF EXISTS"), alter("ALTER COLUMN \(column) DROP DEFAULT"),
            ]
        }
        let sequence =
            "pg_get_serial_sequence(\(TableLayout.literal(layout.name)), \(TableLayout.literal(name)))"
        return [
            alter("ALTER COLUMN \(column) ADD GENERATED BY DEFAULT AS IDENTITY"),
            "SELECT setval(\(sequence), greatest(max(\(column)), 0) + 1, false) FROM \(layout.name)",
        ]
    }

    // MARK: - References

    /// - Parameter remade: the tables that were made anew, and with them what refers to them.
    func references(_ remade: Set<String>) -> [Migration.Step] {
        layout.references.compactMap { index in
            let column = layout.schema.fields[index].column
            guard let definition = layout.referenceDefinition(of: index, graph) else { return nil }
            let change = changes.first { if case .setReference(column, _?) = $0 { true } else { false } }
            if let change {
                let before = constraints.references[table]?[oldNames[column] ?? column]
                let present = before.map { oldNames[column] == nil ? $0 : TableLayout.referenceName(column) }
                return step([change], dropConstraint(present) + [definition])
            }
            let target = graph.target(of: layout, index)?.schema.table ?? ""
            let isGone = isNew || isRemade || filled.contains(column) || remade.contains(target)
            return isGone ? step([], [definition]) : nil
        }
    }
}
