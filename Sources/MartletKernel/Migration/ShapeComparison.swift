public import MartletModel

/// What has to change in a database so that it is as its resources want it.
public struct ShapeComparison: Sendable {
    /// Of one resource.
    public struct Table: Sendable {
        public let schema: ResourceSchema
        /// Renames first.
        public let changes: [TableChange]
    }

    /// Those with changes, in the order of the schemas.
    public let tables: [Table]
    /// What keeps the database from being changed so, each as a line.
    public let obstacles: [String]
    /// How a field keeps values that these changes would lose, each as a line.
    public let hints: [String]

    /// Tables of resources that aren't among the schemas are left alone.
    /// - Parameters:
    ///   - actual: the shape of the database.
    ///   - desired: that of a new database of these schemas.
    ///   - fieldTypes: those of fields by the types of columns that tell them, for changes in the words of the resources.
    public init(
        _ actual: DatabaseShape, _ desired: DatabaseShape, _ schemas: [ResourceSchema],
        fieldTypes: [String: ValueType] = [:]
    ) {
        let names = TypeNames(fieldTypes: fieldTypes)
        var renames: [String: [ColumnRename]] = [:]
        for schema in schemas {
            renames[schema.table] = actual.tables[schema.table].map { Self.renames(in: $0, to: schema) }
        }
        let renamed = actual.renamed(renames)
        var (tables, obstacles, hints): ([Table], [String], [String]) = ([], [], [])
        for schema in schemas {
            guard let wanted = desired.tables[schema.table] else { continue }
            guard let table = renamed.tables[schema.table] else {
                tables.append(Table(schema: schema, changes: Self.making(wanted)))
                continue
            }
            obstacles += table.oddities.map { "\(schema.table): it \($0)" }
            // What is no table has no columns to compare. Of a table all that is amiss is told at once.
            if !table.oddities.isEmpty, table.columns.isEmpty { continue }
            let changes =
                (renames[schema.table] ?? []).map(TableChange.rename) + table.changes(to: wanted, schema, names)
            hints += Self.possibleRenames(changes, table, wanted, schema)
            if !changes.isEmpty { tables.append(Table(schema: schema, changes: changes)) }
        }
        (self.tables, self.obstacles, self.hints) = (tables, obstacles, hints)
    }

    /// A column that goes and a new one of its type are likely the same under another name.
    private static func possibleRenames(
        _ changes: [TableChange], _ table: TableShape, _ wanted: TableShape, _ schema: ResourceSchema
    ) -> [String] {
        let added = changes.compactMap { change -> String? in
            if case .addColumn(let name) = change { name } else { nil }
        }
        return changes.compactMap { change in
            guard case .dropColumn(let old) = change else { return nil }
            let fields = added.filter { name in
                guard let new = wanted.columns[name], let column = table.columns[old] else { return false }
                return new.hasType(of: column)
            }.compactMap { schema.field(ofColumn: $0)?.name }
            guard !fields.isEmpty else { return nil }
            return
                "\(schema.table): if the column \(old) is the field \(fields.joined(separator: " or ")) under another name, "
                + "`renamedFrom: \(old)` in that field keeps its values"
        }
    }

    /// Only where the old column is there and the new one isn't: a second start finds nothing to rename.
    private static func renames(in table: TableShape, to schema: ResourceSchema) -> [ColumnRename] {
        var free = Set(table.columns.keys).subtracting(schema.fields.map(\.column))
        var renames: [ColumnRename] = []
        for field in schema.fields where table.columns[field.column] == nil {
            guard let old = field.formerColumns.first(where: free.contains) else { continue }
            free.remove(old)
            renames.append(ColumnRename(old: old, new: field.column))
        }
        return renames
    }

    private static func making(_ table: TableShape) -> [TableChange] {
        [.makeTable] + table.indexes.keys.sorted().map(TableChange.makeIndex)
            + table.triggers.keys.sorted().map(TableChange.makeTrigger)
    }
}

/// What types are called in changes: as in the resources where that is known of each of them, else as in the database.
private struct TypeNames {
    let fieldTypes: [String: ValueType]

    func names(of columns: [ColumnShape]) -> [String] {
        let names = columns.compactMap { $0.fieldType ?? fieldTypes[$0.type].map(ColumnShape.fieldType) }
        return names.count == columns.count ? names : columns.map(\.type)
    }
}

extension TableShape {
    fileprivate func changes(to wanted: TableShape, _ schema: ResourceSchema, _ names: TypeNames) -> [TableChange] {
        let columnNames = schema.fields.map(\.column)
        let further = wanted.columns.keys.filter { !columnNames.contains($0) }.sorted()
        var changes: [TableChange] = []
        for name in columns.keys.sorted() where wanted.columns[name] == nil { changes.append(.dropColumn(name)) }
        for name in columnNames + further {
            guard let new = wanted.columns[name] else { continue }
            guard let old = columns[name] else {
                changes.append(.addColumn(name))
                continue
            }
            let isJSON = schema.field(ofColumn: name)?.type == .json
            changes += self.changes(of: name, old, to: new, isJSON: isJSON, names)
        }
        if let change = keyChange(to: wanted, names) { changes.append(change) }
        return Self.removals(indexes, wanted.indexes).map(TableChange.dropIndex)
            + Self.removals(triggers, wanted.triggers).map(TableChange.dropTrigger) + changes
            + Self.additions(indexes, wanted.indexes).map(TableChange.makeIndex)
            + Self.additions(triggers, wanted.triggers).map(TableChange.makeTrigger)
    }

    private func changes(
        of name: String, _ old: ColumnShape, to new: ColumnShape, isJSON: Bool, _ names: TypeNames
    ) -> [TableChange] {
        if !new.hasType(of: old), old.key == nil || new.key == nil {
            let names = names.names(of: [old, new])
            return [.retypeColumn(name, from: names[0], to: names[1])]
        }
        // Texts have a check, JSON has none: what has one is no JSON, though both may be of one type to the database.
        if isJSON, old.check != nil { return [.retypeColumn(name, from: "text", to: "json")] }
        var changes: [TableChange] = []
        if old.isNullable != new.isNullable { changes.append(.setNullability(name, isNullable: new.isNullable)) }
        if old.check != new.check, !(isAdopted && old.check == nil) { changes.append(.setCheck(name, new.check)) }
        if old.reference != new.reference { changes.append(.setReference(name, new.reference)) }
        return changes
    }

    private var keys: [String: ColumnShape] { columns.filter { $0.value.key != nil } }

    private func keyChange(to wanted: TableShape, _ names: TypeNames) -> TableChange? {
        let (old, new) = (keys.sorted { $0.key < $1.key }, wanted.keys)
        guard let (name, column) = new.first, let kind = column.key else { return nil }
        guard old.count == 1, let before = old.first, before.key == name, before.value.type == column.type else {
            let types = names.names(of: [column] + old.map(\.value))
            let from = zip(old, types.dropFirst()).map { "\($0.key) (\($1))" }
            return .changeKey(from: from, to: "\(name) (\(types[0]))")
        }
        return before.value.key == kind ? nil : .setKeyKind(name, kind)
    }

    private static func removals(_ old: [String: String], _ new: [String: String]) -> [String] {
        old.filter { new[$0.key] != $0.value }.keys.sorted()
    }

    private static func additions(_ old: [String: String], _ new: [String: String]) -> [String] {
        removals(new, old)
    }
}

extension ResourceSchema {
    /// Nil for a column of Martlet's own.
    public func field(ofColumn name: String) -> FieldSchema? {
        fields.first { $0.column == name }
    }
}
