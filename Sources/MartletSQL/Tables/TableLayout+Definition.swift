import MartletModel

/// How a table, its columns and its constraints are made.
extension TableLayout {
    /// The version stands last, so that the text is the same for a table that got it later.
    /// - Parameters:
    ///   - name: the table's own unless given.
    ///   - references: the columns' references to other tables, where they are made with the table.
    package func definition(as name: String? = nil, _ references: ReferenceGraph? = nil) -> String {
        let columns = schema.fields.indices.map { definition(of: $0, references) } + [versionDefinition]
        return "CREATE TABLE \(name ?? self.name) (\(columns.joined(separator: ", ")))\(dialect.tableOptions)"
    }

    package var versionDefinition: String { "\(Self.version) \(dialect.typeName(.integer)) NOT NULL DEFAULT 0" }

    package func definition(of index: Int, _ references: ReferenceGraph? = nil) -> String {
        let field = schema.fields[index]
        let column = "\(column(index)) \(dialect.typeName(field.type))"
        let check = checkConstraint(on: index).map { " \($0)" } ?? ""
        switch (field.key, field.type) {
        case (.generated, .integer): return "\(column) \(dialect.generatedKey)"
        case (.generated, _), (.assigned, _): return "\(column) \(dialect.assignedKey)\(check)"
        case (nil, _):
            let reference = references.flatMap { self.reference(of: index, $0) }.map { " \($0)" } ?? ""
            return "\(column)\(field.isNullable ? "" : " NOT NULL")\(check)\(reference)"
        }
    }

    /// The indexes that the schema asks for, but for the key's, which the table has by itself.
    package var indexes: [Index] {
        schema.indexes.dropFirst().map { Index(self, $0) }
    }

    /// NO ACTION and not RESTRICT: it looks at the end of the statement, when records that go with the deleted one are gone
    /// too.
    package func reference(of index: Int, _ references: ReferenceGraph) -> String? {
        guard let rule = schema.fields[index].reference?.onDelete, let target = references.target(of: self, index)
        else { return nil }
        let action =
            switch rule {
            case .restrict: "NO ACTION"
            case .cascade: "CASCADE"
            case .setNull: "SET NULL"
            }
        return "REFERENCES \(target.name) (\(target.key)) ON DELETE \(action)"
    }

    // MARK: - Checks

    /// How the names of Martlet's own checks begin, and no field's column does.
    package static let checkPrefix = "_check_"

    package func checkName(_ column: String) -> String { dialect.objectName(Self.checkPrefix + column) }

    package func checkConstraint(on index: Int) -> String? {
        check(on: index).map {
            "CONSTRAINT \(quotedIdentifier(checkName(schema.fields[index].column))) CHECK (\($0))"
        }
    }

    /// What the database can see to by itself, for others that write to it. A null passes every check. Nil when there is
    /// nothing to check.
    package func check(on index: Int) -> String? {
        let (field, name) = (schema.fields[index], column(index))
        let conditions = dialect.checks(of: field, name) + Self.bounds(of: field, name, dialect)
        return conditions.isEmpty ? nil : conditions.joined(separator: " AND ")
    }

    /// The range and the length that the schema gives.
    private static func bounds(of field: FieldSchema, _ name: String, _ dialect: SQLDialect) -> [String] {
        switch (field.type, field.range) {
        case (.string, _), (.bytes, _):
            guard let length = field.length else { return [] }
            let value = field.type == .bytes ? dialect.byteCount(name) : dialect.characterCount(name)
            return bounds(value, length.lowerBound, length.upperBound, within: 0...Int.max)
        case (_, .integers(let range)):
            return bounds(name, range.lowerBound, range.upperBound, within: .min ... .max)
        case (_, .numbers(let range)):
            let finite = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
            return bounds(name, range.lowerBound, range.upperBound, within: finite)
        case (_, nil): return []
        }
    }

    private static func bounds<Bound: Comparable>(
        _ value: String, _ lower: Bound, _ upper: Bound, within all: ClosedRange<Bound>
    ) -> [String] {
        (lower > all.lowerBound ? ["\(value) >= \(lower)"] : [])
            + (upper < all.upperBound ? ["\(value) <= \(upper)"] : [])
    }
}

/// An index that a schema asks for.
package struct Index: Sendable {
    /// `users.email.unique`: dots are in no resource's and no column's name, so no other index is called so.
    package let name: String
    package let definition: String
    /// Without the key that it may end with.
    package let columns: [Int]
    package let isUnique: Bool
    /// What differs from record to record: columns, or what is made of them.
    package let values: [String]

    init(_ table: TableLayout, _ index: ResourceIndex) {
        (columns, isUnique) = (index.columns, index.isUnique)
        values = index.columns.map { index.isIgnoringCase ? "lower(\(table.column($0)))" : table.column($0) }
        let (dialect, schema) = (table.dialect, table.schema)
        let names = index.columns.map { schema.fields[$0].column }.joined(separator: "+")
        name = dialect.objectName("\(schema.table).\(names).\(isUnique ? "unique" : "index")")
        // In the order that lists have: nulls first, and the key last. In a unique one the key would let all pass.
        let terms = index.columns.map {
            dialect.indexTerm(
                table.column($0), isIgnoringCase: index.isIgnoringCase, isNullable: schema.fields[$0].isNullable)
        }
        let hasKey = isUnique || columns.contains(schema.keyIndex) || dialect.endsIndexesWithKey(of: schema)
        let list = (terms + (hasKey ? [] : [table.key])).joined(separator: ", ")
        let kind = isUnique ? "UNIQUE INDEX" : "INDEX"
        definition = "CREATE \(kind) \(quotedIdentifier(name)) ON \(table.name) (\(list))"
    }
}
