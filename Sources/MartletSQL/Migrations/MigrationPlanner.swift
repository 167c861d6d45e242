package import MartletKernel
package import MartletModel

/// Plans a migration: from the shape that a database has and the one that it should have to steps in their order. It reads
/// nothing and makes no SQL.
///
/// Steps come in three rounds, each of all tables: what goes, what else changes, and references, for which all tables have
/// to be as they will be. SQLite's references are made with their tables.
package struct MigrationPlanner: Sendable {
    package let comparison: ShapeComparison
    /// All tables of the resources, also those without changes.
    package let tables: [TableMigration]
    let actual, desired: DatabaseShape

    package init(from actual: DatabaseShape, to desired: DatabaseShape, _ graph: ReferenceGraph, at time: Timestamp) {
        (self.actual, self.desired) = (actual, desired)
        comparison = ShapeComparison(
            actual, desired, graph.tables.map(\.schema), fieldTypes: graph.dialect.fieldTypes)
        let changes = Dictionary(comparison.tables.map { ($0.schema.table, $0.changes) }) { first, _ in first }
        tables = graph.tables.map { TableMigration($0, graph, changes[$0.schema.table] ?? [], at: time) }
    }

    package var steps: [MigrationStep] {
        let rebuilt = Set(tables.filter(\.isRebuilt).map(\.table))
        return tables.flatMap(\.removals) + tables.flatMap(\.alterations) + tables.flatMap { $0.references(rebuilt) }
    }

    /// What the database lacks after a migration that was to make it as desired, which is a bug; nil when it lacks nothing.
    package var failure: String? {
        let changes = comparison.tables.flatMap { table in
            table.changes.map { $0.change(in: table.schema.table).summary }
        }
        let rest = changes + comparison.obstacles
        return rest.isEmpty ? nil : "the migration did not lead to its end: \(rest.joined(separator: "; "))"
    }
}

/// A step of a migration, which a storage makes in its own SQL.
package struct MigrationStep: Sendable {
    package enum Action: Sendable, Equatable {
        /// With its indexes and triggers.
        case makeTable
        /// With its indexes and triggers, for these changes.
        case rebuildTable([TableChange])
        case change(TableChange)
        /// Makes the reference of this column again, whose table was made anew.
        case restoreReference(Int)
    }

    package let table: TableMigration
    package let action: Action

    package var changes: [TableChange] {
        switch action {
        case .makeTable: [.makeTable]
        case .rebuildTable(let changes): changes
        case .change(let change): [change]
        case .restoreReference: []
        }
    }

    package func step(_ sql: [String]) -> Migration.Step {
        Migration.Step(changes.map { $0.change(in: table.table) }, sql: sql)
    }
}

extension TableMigration {
    private func steps(_ round: TableChange.Round) -> [MigrationStep] {
        changes.filter { $0.round == round }.map { MigrationStep(table: self, action: .change($0)) }
    }

    fileprivate var removals: [MigrationStep] {
        if isNew { return [] }
        // What is dropped goes first, so that no name of it is in the way of another, and nothing is made twice.
        guard isRebuilt else { return steps(.indexRemoval) + steps(.referenceRemoval) }
        // Without records, the table can go at once, and nothing that refers to it is in the way of its changes.
        return layout.dialect == .sqlite
            ? steps(.indexRemoval) : [MigrationStep(table: self, action: .rebuildTable(changes))]
    }

    fileprivate var alterations: [MigrationStep] {
        if isNew { return [MigrationStep(table: self, action: .makeTable)] }
        // A name may be free only when a column that has it is renamed.
        guard isRebuilt else { return steps(.rename) + steps(.alteration) + steps(.making) }
        guard layout.dialect == .sqlite else { return [] }
        let rest = changes.filter { $0.round != .indexRemoval && $0.round != .rename }
        return steps(.rename) + [MigrationStep(table: self, action: .rebuildTable(rest))]
    }

    /// - Parameter rebuilt: the tables that were made anew, and with them what refers to them.
    fileprivate func references(_ rebuilt: Set<String>) -> [MigrationStep] {
        guard layout.dialect == .postgres else { return [] }
        return layout.references.compactMap { index in
            let column = layout.schema.fields[index].column
            guard let target = graph.target(of: layout, index)?.schema.table else { return nil }
            let change = changes.first { if case .setReference(column, _?) = $0 { true } else { false } }
            if let change { return MigrationStep(table: self, action: .change(change)) }
            let isGone = isNew || isRebuilt || filled.contains(column) || rebuilt.contains(target)
            return isGone ? MigrationStep(table: self, action: .restoreReference(index)) : nil
        }
    }
}

extension TableChange {
    fileprivate enum Round {
        case indexRemoval, referenceRemoval, rename, alteration, making, reference, wholeTable
    }

    fileprivate var round: Round {
        switch self {
        case .dropIndex, .dropTrigger: .indexRemoval
        case .setReference(_, nil): .referenceRemoval
        case .rename: .rename
        case .addColumn, .dropColumn, .retypeColumn, .setKeyKind, .setNullability, .setCheck: .alteration
        case .makeIndex, .makeTrigger: .making
        case .setReference(_, _?): .reference
        case .makeTable, .changeKey: .wholeTable
        }
    }
}
