/// A resource at run time: the one form that storages, JSON, OpenAPI and transports see, however it was declared.
///
/// Immutable, and a class because every request passes it on: that costs one reference count, not one for each field.
public final class ResourceSchema: Sendable {
    /// The resource's name: its path, and what messages call it.
    public let name: String
    /// The table's name: ``name``, unless the schema says otherwise.
    public let table: String
    /// In the order that records are written in.
    public let fields: [FieldSchema]
    /// Where the key is in ``fields``.
    public let keyIndex: Int
    /// The column of each field's name.
    public let indexByName: [String: Int]
    /// Sets of fields whose values together are unique, or are to be found fast.
    public let compounds: [Compound]
    /// The key's first, then those of single fields, then those of several. Made once: a list asks for them.
    public let indexes: [ResourceIndex]
    /// PUT, PATCH and DELETE have to say which version of the record they mean.
    public let requiresPreconditions: Bool
    /// It describes what an ``Endpoint`` takes or gives, and no records: its key is a placeholder, the last of ``fields``.
    public let isMessage: Bool
    /// Differs when what a record looks like in JSON does: it tells representations of one version apart.
    public let checksum: UInt32
    /// The fields' names in UTF-8, for the JSON reader, and behind them that of the version.
    let nameBytes: [[UInt8]]
    /// Columns in the order of their names' bytes.
    private let columnsByName: [Int]
    let jsonNames: JSONNames

    /// Several fields that belong together.
    public struct Compound: Sendable, Equatable {
        /// Columns, in the order that was declared.
        public let columns: [Int]
        /// No two records have the same values here; one that is null differs from all.
        public let isUnique: Bool
    }

    /// - Parameters:
    ///   - unique: names of fields whose values together are unique, set by set.
    ///   - indexes: names of fields by which together queries are to be fast, set by set.
    /// - Throws: ``SchemaError`` for a bad or reserved name, a doubled field, no single key, or more of something than every
    ///   database takes.
    public convenience init(
        _ name: String, _ fields: [FieldSchema], table: String? = nil, unique: [[String]] = [],
        indexes: [[String]] = [], requiresPreconditions: Bool = false
    ) throws(SchemaError) {
        try self.init(
            name, fields, table: table, unique: unique, indexes: indexes, requiresPreconditions: requiresPreconditions,
            isMessage: false)
    }

    /// What an ``Endpoint`` takes or gives: fields without a key, which are stored nowhere.
    /// - Throws: ``SchemaError`` for a bad name, a doubled field or a key.
    public convenience init(message name: String, _ fields: [FieldSchema]) throws(SchemaError) {
        if let key = fields.first(where: { $0.key != nil }) {
            throw SchemaError("\(key.name) can't be a key: nothing of a message is stored", at: "fields")
        }
        try self.init(name, fields + [.placeholderKey()], isMessage: true)
    }

    private init(
        _ name: String, _ fields: [FieldSchema], table: String? = nil, unique: [[String]] = [],
        indexes: [[String]] = [], requiresPreconditions: Bool = false, isMessage: Bool
    ) throws(SchemaError) {
        self.isMessage = isMessage
        try Self.check(name: name)
        try Self.check(table: table ?? name, of: name, isOwn: table != nil)
        let indexByName = try Self.index(fields, of: name)
        let keys = fields.indices.filter { fields[$0].key != nil }
        guard keys.count == 1 else {
            throw SchemaError("\(name) needs one key, not \(keys.count)", at: "fields")
        }
        self.name = name
        self.table = table ?? name
        self.keyIndex = keys[0]
        self.indexByName = indexByName
        self.requiresPreconditions = requiresPreconditions
        let schema = CompoundReader(name: name, fields: fields, indexByName: indexByName)
        compounds = try schema.compounds(unique, isUnique: true) + schema.compounds(indexes, isUnique: false)
        var limited = fields
        for compound in compounds {
            for (column, limit) in IndexLimits.limits(of: compound.columns, in: fields) {
                limited[column] = try limited[column].limited(toBytes: limit)
            }
        }
        self.fields = limited
        self.indexes = ResourceIndex.all(of: limited, key: keyIndex, compounds)
        var nameBytes = (fields.map(\.name) + [Self.versionName]).map { Array($0.utf8) }
        // No JSON has these bytes in a name: no member is the placeholder or the version of a message.
        if isMessage { nameBytes.replaceSubrange((nameBytes.count - 2)..., with: [[0xFE], [0xFF]]) }
        self.nameBytes = nameBytes
        columnsByName = nameBytes.indices.sorted { nameBytes[$0].lexicographicallyPrecedes(nameBytes[$1]) }
        jsonNames = JSONNames(fields)
        checksum = Self.checksum(name, fields)
    }

    /// First path segments that the server itself answers.
    public static let reservedNames: Set<String> = [
        "batch", "docs", "openapi.json", "health", "metrics", "auth", "admin", "changes",
    ]

    /// What a record's version is called in a body.
    public static let versionName = "_version"

    /// So many that a record fits into one of PostgreSQL's pages of 8 KiB, as it has to, whatever is in it: a value takes up to
    /// 24 bytes there before it is kept elsewhere. SQLite takes 2,000.
    public static let mostFields = 300

    public var key: FieldSchema { fields[keyIndex] }

    /// The fields that requests and responses show: all but the placeholder that a message has for a key.
    public var messageFields: ArraySlice<FieldSchema> { fields.dropLast(isMessage ? 1 : 0) }

    /// Cells in a row: the fields', and behind them the version's.
    public var width: Int { fields.count + 1 }

    /// Where a record's version is in its row.
    public var versionIndex: Int { fields.count }

    /// The key of a row that a storage returned; nil when the row has none (yet).
    public func key(ofRow row: Int, in rows: RowBatch) -> Key? {
        Key(rows[row, keyIndex], of: rows)
    }
}

// MARK: - Checks

extension ResourceSchema {
    /// The column of a name, the version's among them. A body may have many thousands that are none, so not all are compared.
    func column(named name: UnsafeRawBufferPointer) -> Int? {
        var (low, high) = (0, columnsByName.count)
        while low < high {
            let middle = (low + high) / 2
            if nameBytes[columnsByName[middle]].lexicographicallyPrecedes(name) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low < columnsByName.count, name.elementsEqual(nameBytes[columnsByName[low]]) else { return nil }
        return columnsByName[low]
    }
}

extension ResourceSchema {
    /// - Throws: ``SchemaError`` for a name that no resource can have.
    public static func check(name: String) throws(SchemaError) {
        let isName =
            (1...63).contains(name.utf8.count) && name.utf8.first.map(isLowerCase) == true
            && name.utf8.allSatisfy {
                isLowerCase($0) || isDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
            }
        guard isName else {
            throw SchemaError(
                "\"\(name)\" is no resource name: a lower-case letter, then lower-case letters, digits, - or _, 63 at the most",
                at: "name")
        }
        guard !reservedNames.contains(name), !name.hasPrefix("martlet_") else {
            throw SchemaError("\(name): this name is reserved", at: "name")
        }
    }

    /// A table that one database keeps for itself is none on the other either: one behaviour on both.
    private static func check(table: String, of name: String, isOwn: Bool) throws(SchemaError) {
        guard !isOwn || isIdentifier(table) else {
            throw SchemaError(
                "\(name): \"\(table)\" can't be a table's name: lower-case letters, digits and _, at most 63",
                at: "table")
        }
        // https://www.sqlite.org/fileformat2.html (2.6), https://www.postgresql.org/docs/15/ddl-schemas.html (5.9.5)
        let owners = [("martlet_", "Martlet"), ("sqlite_", "SQLite"), ("pragma_", "SQLite"), ("pg_", "PostgreSQL")]
        for (prefix, owner) in owners where table.hasPrefix(prefix) {
            throw SchemaError(
                "\(name): the table can't be called \(table): \(owner) keeps names that begin with \(prefix) for itself; "
                    + "write another one as its table",
                at: "table")
        }
    }

    private static func index(_ fields: [FieldSchema], of name: String) throws(SchemaError) -> [String: Int] {
        guard fields.count <= mostFields else {
            throw SchemaError("\(name) has more than \(mostFields) fields", at: "fields")
        }
        var (byName, columns): ([String: Int], Set<String>) = ([:], [])
        for (index, field) in fields.enumerated() {
            guard byName.updateValue(index, forKey: field.name) == nil else {
                throw SchemaError("\(name).\(field.name) is declared twice", at: "fields")
            }
            guard columns.insert(field.column).inserted else {
                throw SchemaError("\(name).\(field.name): another field has the column \(field.column)", at: "fields")
            }
        }
        var formerNames: Set<String> = []
        for field in fields {
            guard let former = field.renamedFrom else { continue }
            guard byName[former] == nil else {
                throw SchemaError("\(name).\(field.name): renamedFrom is the name of another field", at: "fields")
            }
            guard formerNames.insert(former).inserted else {
                throw SchemaError("\(name).\(field.name): another field is renamed from \(former) too", at: "fields")
            }
        }
        for managed in ManagedField.allCases {
            let several = fields.filter { $0.managed == managed }
            guard several.count < 2 else {
                throw SchemaError("\(name).\(several[1].name): only one field can be \(managed)", at: "fields")
            }
        }
        return byName
    }

    /// FNV-1a over what JSON shows of a record.
    private static func checksum(_ name: String, _ fields: [FieldSchema]) -> UInt32 {
        var hash = FNV1a<UInt32>()
        for field in fields where !field.isWriteOnly { hash.add("\(field.name):\(field.type.rawValue);") }
        return hash.value
    }
}

/// Reads sets of fields by their names.
private struct CompoundReader {
    let name: String
    let fields: [FieldSchema]
    let indexByName: [String: Int]

    func compounds(_ sets: [[String]], isUnique: Bool) throws(SchemaError) -> [ResourceSchema.Compound] {
        let list = isUnique ? "unique" : "indexes"
        var compounds: [ResourceSchema.Compound] = []
        for names in sets {
            var columns: [Int] = []
            for field in names {
                guard let column = indexByName[field] else {
                    throw SchemaError("\(name): \(list) names \(field), which is no field", at: list)
                }
                guard fields[column].type != .json, !columns.contains(column) else {
                    throw SchemaError("\(name): \(list) can't have \(field), which is json or there twice", at: list)
                }
                columns.append(column)
            }
            guard columns.count > 1, columns.count <= IndexLimits.fields else {
                let rule = "a set in \(list) has 2 to \(IndexLimits.fields) fields; one alone says so itself"
                throw SchemaError("\(name): \(rule)", at: list)
            }
            let compound = ResourceSchema.Compound(columns: columns, isUnique: isUnique)
            guard !compounds.contains(compound) else {
                throw SchemaError("\(name): \(list) has the same set twice", at: list)
            }
            compounds.append(compound)
        }
        return compounds
    }
}
