import MartletModel
import MartletSQL

/// A resource's table: the SQL that works on it.
///
/// Columns are always listed by name in the schema's order, with the version behind them, so that what is read needs no
/// look-up, whatever order the table itself has.
struct Table: Sendable {
    let schema: ResourceSchema
    /// Its place in the ``Catalog``.
    let ordinal: Int
    /// Where an insert takes its values from, in its parameters' order: every column that the database doesn't assign.
    let insertedColumns: [Int]
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
        /// By column. The others are compared by their bytes.
        var collations: [Int: String] = [:]
    }

    init(_ schema: ResourceSchema, ordinal: Int) {
        self.schema = schema
        self.ordinal = ordinal
        let fields = schema.fields
        insertedColumns = fields.indices.filter { !(fields[$0].key == .generated && fields[$0].type == .integer) }
        let single = fields.indices.filter { fields[$0].uniqueness != nil || $0 == schema.keyIndex }
        uniques =
            single.map {
                Unique(columns: [$0], collations: fields[$0].uniqueness == .ignoringASCIICase ? [$0: "NOCASE"] : [:])
            } + schema.compounds.filter(\.isUnique).map { Unique(columns: $0.columns) }
        tags = fields.map(\.type.tag) + [.integer]
        references = fields.indices.filter { fields[$0].reference != nil }
        updatedAt = fields.firstIndex { $0.managed == .updatedAt }
    }

    /// Cells in a row.
    var width: Int { schema.width }
    var name: String { Self.quote(schema.table) }
    var key: String { column(schema.keyIndex) }

    func column(_ index: Int) -> String {
        Self.quote(schema.fields[index].column)
    }

    static func quote(_ name: String) -> String { quotedIdentifier(name) }

    /// As a text.
    static func literal(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }

    /// A record's version. No field's column begins with an underscore.
    static let version = quote("_version")

    var columnList: String {
        (schema.fields.indices.map(column) + [Self.version]).joined(separator: ", ")
    }
}
