package import MartletModel

/// A resource's table: its names and columns, from which its SQL is made.
///
/// Columns are always listed by name in the schema's order, with the version after them. So what is read needs no look-up,
/// whatever order the table itself has.
package struct TableLayout: Sendable {
    package let schema: ResourceSchema
    /// Its index among the tables of its storage.
    package let ordinal: Int
    package let dialect: SQLDialect
    /// The database's schema that holds the table. Nil where no name of one is needed.
    package let namespace: String?
    /// Where an insert takes its values from, in its parameters' order: every column that the database doesn't assign.
    package let insertedColumns: [Int]
    /// What an update may set, in its parameters' order: every column but the key.
    package let updatedColumns: [Int]
    /// What must differ from record to record, in the schema's order: single columns first.
    package let uniques: [Unique]
    /// What a row's cells hold.
    package let tags: [Cell.Tag]
    /// The same for a page: its rows have no versions.
    package let pageTags: [Cell.Tag]
    /// The columns that refer to other records.
    package let references: [Int]
    /// The column that holds when the record was last changed.
    package let updatedAt: Int?

    /// Columns whose values together are unique.
    package struct Unique: Sendable {
        package let columns: [Int]
        package let isIgnoringCase: Bool
    }

    package init(_ schema: ResourceSchema, ordinal: Int, _ dialect: SQLDialect, in namespace: String? = nil) {
        (self.schema, self.ordinal, self.dialect, self.namespace) = (schema, ordinal, dialect, namespace)
        let fields = schema.fields
        insertedColumns = fields.indices.filter { !(fields[$0].key == .generated && fields[$0].type == .integer) }
        updatedColumns = fields.indices.filter { $0 != schema.keyIndex }
        let single = fields.indices.filter { fields[$0].uniqueness != nil || $0 == schema.keyIndex }
        uniques =
            single.map { Unique(columns: [$0], isIgnoringCase: fields[$0].uniqueness == .ignoringASCIICase) }
            + schema.compounds.filter(\.isUnique).map { Unique(columns: $0.columns, isIgnoringCase: false) }
        tags = fields.map(\.type.tag) + [.integer]
        pageTags = fields.map(\.type.tag) + [.absent]
        references = fields.indices.filter { fields[$0].reference != nil }
        updatedAt = fields.firstIndex { $0.managed == .updatedAt }
    }

    package var name: String { quotedIdentifier(schema.table) }
    /// The table as statements name it. With a namespace they find it also where others have changed the search path.
    package var relation: String { namespace.map { "\(quotedIdentifier($0)).\(name)" } ?? name }
    package var key: String { column(schema.keyIndex) }
    /// Whether the database makes the keys: integers, each higher than all before.
    package var generatesKeys: Bool { !insertedColumns.contains(schema.keyIndex) }

    package func column(_ index: Int) -> String {
        quotedIdentifier(schema.fields[index].column)
    }

    /// The column of a record's version. No field's column begins with an underscore.
    package static let versionColumn = "_version"
    package static let version = quotedIdentifier(versionColumn)

    package var columnList: String { "\(fieldList), \(Self.version)" }
    private var fieldList: String { schema.fields.indices.map(column).joined(separator: ", ") }

    /// What a row's cells hold of which only these columns are selected, ascending.
    package func tags(of columns: [Int]) -> [Cell.Tag] {
        guard columns.count < tags.count else { return tags }
        var selected = [Cell.Tag](repeating: .absent, count: tags.count)
        for column in columns { selected[column] = tags[column] }
        return selected
    }

    /// A new record's row with all that the client doesn't say: when it is, and defaults.
    package func filled(_ row: RowBatch, at time: Timestamp) -> RowBatch {
        guard insertedColumns.contains(where: { row[0, $0].isAbsent }) else { return row }
        var row = row
        for column in insertedColumns where row[0, column].isAbsent {
            schema.fields[column].fill(&row, column, at: time)
        }
        return row
    }
}

// MARK: - Statements

extension TableLayout {
    /// The forms of a read that isn't a ``SQLQuery``. Each is one statement.
    package enum Read: Int, CaseIterable {
        /// Parameters: the key.
        case byKey
        /// Parameters: the limit.
        case firstPage
        /// Parameters: the key before the page, the limit.
        case nextPage
    }

    package func select(_ read: Read) -> String {
        let page = "SELECT \(fieldList) FROM \(relation)"
        let (first, second) = (dialect.parameter(1), dialect.parameter(2))
        return switch read {
        case .byKey: "SELECT \(columnList) FROM \(relation) WHERE \(key) = \(first)"
        case .firstPage: "\(page) ORDER BY \(key) LIMIT \(first)"
        case .nextPage: "\(page) WHERE \(key) > \(first) ORDER BY \(key) LIMIT \(second)"
        }
    }

    /// Parameters: the values of ``insertedColumns``.
    /// - Parameter version: the new record's, as an expression.
    package func insert(version: String) -> String {
        let columns = insertedColumns.map(column) + [Self.version]
        let values = insertedColumns.indices.map { dialect.parameter($0 + 1) } + [version]
        return "INSERT INTO \(relation) (\(columns.joined(separator: ", "))) VALUES (\(values.joined(separator: ", ")))"
    }
}
