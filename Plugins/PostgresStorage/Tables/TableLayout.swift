import MartletModel
import MartletSQL

/// A resource's table: its names and columns, from which its SQL is made.
///
/// Columns are always listed by name in the schema's order, with the version behind them, so that what is read needs no
/// look-up, whatever order the table itself has.
struct TableLayout: Sendable {
    let schema: ResourceSchema
    /// Its place in the ``Catalog``.
    let ordinal: Int
    /// That holds the table; nil where the search path finds it.
    let namespace: String?
    /// Where an insert takes its values from, in its parameters' order: every column that the database doesn't assign.
    let insertedColumns: [Int]
    /// What an update may set, in its parameters' order: every column but the key.
    let updatedColumns: [Int]
    /// What must differ from record to record, in the schema's order: single columns first.
    let uniques: [Unique]
    /// What a row's cells hold.
    let tags: [Cell.Tag]
    /// The columns that refer to other records.
    let references: [Int]
    /// The column that holds when the record was last changed.
    let updatedAt: Int?

    /// Columns whose values together are unique.
    struct Unique: Sendable {
        let columns: [Int]
        let isIgnoringCase: Bool
    }

    init(_ schema: ResourceSchema, ordinal: Int, in namespace: String? = nil) {
        self.schema = schema
        self.namespace = namespace
        self.ordinal = ordinal
        let fields = schema.fields
        insertedColumns = fields.indices.filter { !(fields[$0].key == .generated && fields[$0].type == .integer) }
        updatedColumns = fields.indices.filter { $0 != schema.keyIndex }
        let single = fields.indices.filter { fields[$0].uniqueness != nil || $0 == schema.keyIndex }
        uniques =
            single.map { Unique(columns: [$0], isIgnoringCase: fields[$0].uniqueness == .ignoringASCIICase) }
            + schema.compounds.filter(\.isUnique).map { Unique(columns: $0.columns, isIgnoringCase: false) }
        tags = fields.map(\.type.tag) + [.integer]
        references = fields.indices.filter { fields[$0].reference != nil }
        updatedAt = fields.firstIndex { $0.managed == .updatedAt }
    }

    var name: String { Self.quote(schema.table) }
    /// The table as statements name it, which find it also where a function of others has changed the search path.
    var relation: String { ServerTables.qualified(name, in: namespace) }
    var key: String { column(schema.keyIndex) }
    var keyType: Int32 { ObjectID.of(schema.key.type) }

    func column(_ index: Int) -> String {
        Self.quote(schema.fields[index].column)
    }

    func type(_ index: Int) -> Int32 {
        ObjectID.of(schema.fields[index].type)
    }

    /// Of the parameter for ``updatedAt``, if there is one.
    var timeTypes: [Int32] { updatedAt == nil ? [] : [ObjectID.timestamptz] }

    var columnList: String { columnList(of: name) }

    func columnList(of name: String) -> String {
        (schema.fields.indices.map(column) + [Self.version]).map { "\(name).\($0)" }.joined(separator: ", ")
    }

    /// As an identifier (<https://www.postgresql.org/docs/current/sql-syntax-lexical.html>): never a keyword, never
    /// anything else.
    static func quote(_ name: String) -> String {
        quotedIdentifier(name)
    }

    /// As a text.
    static func literal(_ text: String) -> String {
        let quoted = text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
        // Without E a backslash is one (standard_conforming_strings, on since 9.1): a server may have it otherwise.
        let escaped = quoted.split(separator: "\\", omittingEmptySubsequences: false).joined(separator: "\\\\")
        return quoted == escaped ? "'\(quoted)'" : "E'\(escaped)'"
    }

    /// Of a record's version. No field's column begins with an underscore.
    static let versionColumn = "_version"
    static let version = quote(versionColumn)
}
