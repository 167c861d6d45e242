import MartletModel

/// A resource's table: the SQL that works on it.
///
/// Columns are always listed by name in the schema's order, so that what is read needs no look-up, whatever order the
/// table itself has.
struct Table: Sendable {
    let schema: ResourceSchema
    /// Its place in the ``Catalog``.
    let ordinal: Int
    /// Where an insert takes its values from, in its parameters' order: every column that the database doesn't assign.
    let insertedColumns: [Int]
    /// The columns whose values must differ, in the schema's order.
    let uniqueColumns: [Int]

    init(_ schema: ResourceSchema, ordinal: Int) {
        self.schema = schema
        self.ordinal = ordinal
        insertedColumns = schema.fields.indices.filter { schema.fields[$0].key != .generated }
        uniqueColumns = schema.fields.indices.filter { schema.fields[$0].uniqueness != nil }
    }

    var width: Int { schema.fields.count }
    var name: String { Self.quote(schema.name) }
    var key: String { column(schema.keyIndex) }

    func column(_ index: Int) -> String {
        Self.quote(schema.fields[index].column)
    }

    /// As an identifier (<https://www.sqlite.org/lang_keywords.html>): never a keyword, never anything else.
    static func quote(_ name: String) -> String {
        "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    private var columnList: String {
        schema.fields.indices.map(column).joined(separator: ", ")
    }
}

// MARK: - Statements

extension Table {
    /// The forms that a read can have. Each is one statement.
    enum Read: Int, CaseIterable {
        /// Parameters: the key.
        case byKey
        /// Parameters: the limit.
        case firstPage
        /// Parameters: the key before the page, the limit.
        case nextPage
    }

    func select(_ read: Read) -> String {
        let select = "SELECT \(columnList) FROM \(name)"
        return switch read {
        case .byKey: "\(select) WHERE \(key) = ?1"
        case .firstPage: "\(select) ORDER BY \(key) LIMIT ?1"
        case .nextPage: "\(select) WHERE \(key) > ?1 ORDER BY \(key) LIMIT ?2"
        }
    }

    /// Parameters: the values of ``insertedColumns``.
    var insert: String {
        let values =
            insertedColumns.isEmpty
            ? "DEFAULT VALUES"
            : "(\(insertedColumns.map(column).joined(separator: ", ")))"
                + " VALUES (\(insertedColumns.indices.map { "?\($0 + 1)" }.joined(separator: ", ")))"
        return "INSERT INTO \(name) \(values) RETURNING \(columnList)"
    }

    /// Parameters: the values of `columns`, then the key.
    func update(_ columns: [Int]) -> String {
        let assignments = columns.enumerated().map { "\(column($1)) = ?\($0 + 1)" }.joined(separator: ", ")
        return "UPDATE \(name) SET \(assignments) WHERE \(key) = ?\(columns.count + 1) RETURNING \(columnList)"
    }

    /// Parameters: the key.
    var delete: String {
        "DELETE FROM \(name) WHERE \(key) = ?1 RETURNING \(columnList)"
    }

    /// Has a row if another record has a value in a unique column. Parameters: the value; the key of the record that may
    /// have it, or null.
    func probe(_ index: Int) -> String {
        let collation = schema.fields[index].uniqueness == .ignoringASCIICase ? " COLLATE NOCASE" : ""
        return "SELECT 1 FROM \(name) WHERE \(column(index)) = ?1\(collation) AND \(key) IS NOT ?2"
    }
}
