import MartletModel

/// How a table and its indexes are made.
extension Table {
    /// STRICT: a column holds its type or nothing (<https://www.sqlite.org/stricttables.html>).
    var definition: String {
        "CREATE TABLE \(name) (\(schema.fields.map(definition).joined(separator: ", "))) STRICT"
    }

    /// The indexes that the schema asks for, by name.
    var indexes: [Index] {
        schema.fields.indices.flatMap { column -> [Index] in
            let field = schema.fields[column]
            let unique = field.uniqueness.map { Index(table: self, column, uniqueness: $0) }
            let plain = field.isIndexed ? Index(table: self, column, uniqueness: nil) : nil
            return [unique, plain].compactMap { $0 }
        }
    }

    static func typeName(_ type: ValueType) -> String {
        switch type {
        case .integer: "INTEGER"
        case .string: "TEXT"
        }
    }

    private func definition(of field: FieldSchema) -> String {
        let name = Self.quote(field.column)
        switch field.key {
        // AUTOINCREMENT alone keeps a key from coming back when the highest record was deleted
        // (https://www.sqlite.org/autoinc.html).
        case .generated: return "\(name) INTEGER PRIMARY KEY AUTOINCREMENT"
        case nil: break
        }
        let nullability = field.isNullable ? "" : " NOT NULL"
        return "\(name) \(Self.typeName(field.type))\(nullability)" + checks(on: field)
    }

    /// What the database can see to by itself, for whoever writes to it beside Martlet. A null passes every check.
    private func checks(on field: FieldSchema) -> String {
        guard field.type == .string else { return "" }
        let name = Self.quote(field.column)
        // length() counts up to the first U+0000 (https://www.sqlite.org/lang_corefunc.html#length), which no value has.
        var conditions = ["instr(\(name), char(0)) = 0"]
        if let length = field.length {
            if length.lowerBound > 0 { conditions.append("length(\(name)) >= \(length.lowerBound)") }
            if length.upperBound < Int.max { conditions.append("length(\(name)) <= \(length.upperBound)") }
        }
        let constraint = Self.quote(Self.checkPrefix + field.column)
        return " CONSTRAINT \(constraint) CHECK (\(conditions.joined(separator: " AND ")))"
    }

    /// How the names of Martlet's own checks begin, and no field's column does.
    static let checkPrefix = "_check_"
}

/// An index that a schema asks for.
struct Index: Sendable {
    /// `users.email.unique`: dots are in no resource's and no column's name, so it is nobody else's.
    let name: String
    let definition: String

    init(table: Table, _ column: Int, uniqueness: Uniqueness?) {
        let field = table.schema.fields[column]
        name = "\(table.schema.name).\(field.column).\(uniqueness == nil ? "index" : "unique")"
        let collation = uniqueness == .ignoringASCIICase ? " COLLATE NOCASE" : ""
        let kind = uniqueness == nil ? "INDEX" : "UNIQUE INDEX"
        definition = "CREATE \(kind) \(Table.quote(name)) ON \(table.name) (\(table.column(column))\(collation))"
    }
}
