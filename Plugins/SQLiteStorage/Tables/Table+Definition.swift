import MartletModel

/// How a table and its indexes are made.
extension Table {
    /// STRICT: a column holds its type or nothing (<https://www.sqlite.org/stricttables.html>).
    ///
    /// The version stands last: so the text is the same for a table that got it later, by ``addVersion``.
    /// - Parameter name: the table's own unless given.
    func definition(_ catalog: Catalog, as name: String? = nil) -> String {
        "CREATE TABLE \(name ?? self.name) (\(fieldDefinitions(catalog)), \(Self.versionDefinition)) STRICT"
    }

    /// The table as it was made before records had versions.
    func definitionWithoutVersion(_ catalog: Catalog) -> String {
        "CREATE TABLE \(name) (\(fieldDefinitions(catalog))) STRICT"
    }

    /// Adds a column to a table with records, which get a value.
    /// - Parameter fill: that value, as a literal. It stays the column's default to the database, which only others see:
    ///   Martlet names all columns when it inserts.
    func addColumn(_ index: Int, _ catalog: Catalog, fill: String) -> String {
        let value = fill == "NULL" ? "" : " DEFAULT \(fill)"
        return "ALTER TABLE \(name) ADD COLUMN \(definition(of: schema.fields[index], catalog))\(value)"
    }

    var addVersion: String { "ALTER TABLE \(name) ADD COLUMN \(Self.versionDefinition)" }

    private static let versionDefinition = "\(version) INTEGER NOT NULL DEFAULT 0"

    private func fieldDefinitions(_ catalog: Catalog) -> String {
        schema.fields.map { definition(of: $0, catalog) }.joined(separator: ", ")
    }

    /// The indexes that the schema asks for, but for the key's, which the table has by itself.
    var indexes: [Index] {
        schema.indexes.dropFirst().map {
            Index(self, $0.columns, isUnique: $0.isUnique, isIgnoringCase: $0.isIgnoringCase)
        }
    }

    static func typeName(_ type: ValueType) -> String {
        switch type {
        case .integer, .boolean, .timestamp: "INTEGER"
        case .number: "REAL"
        case .string, .date, .json, .enumeration: "TEXT"
        case .uuid, .bytes: "BLOB"
        }
    }

    private func definition(of field: FieldSchema, _ catalog: Catalog) -> String {
        let name = Self.quote(field.column)
        let type = Self.typeName(field.type)
        switch (field.key, field.type) {
        // AUTOINCREMENT alone keeps a key from coming back when the highest record was deleted
        // (https://www.sqlite.org/autoinc.html).
        case (.generated, .integer): return "\(name) INTEGER PRIMARY KEY AUTOINCREMENT"
        case (.generated, _), (.assigned, _): return "\(name) \(type) PRIMARY KEY NOT NULL" + checks(on: field)
        case (nil, _):
            let nullability = field.isNullable ? "" : " NOT NULL"
            return "\(name) \(type)\(nullability)" + checks(on: field) + reference(of: field, catalog)
        }
    }

    /// NO ACTION and not RESTRICT: it looks at the end of the statement, when records that go with the deleted one are gone
    /// too, and fails with a code of its own.
    private func reference(of field: FieldSchema, _ catalog: Catalog) -> String {
        guard let reference = field.reference, let target = catalog.table(named: reference.resource) else { return "" }
        return " REFERENCES \(target.name) (\(target.key)) ON DELETE \(Self.action(reference.onDelete))"
    }

    static func action(_ rule: DeleteRule) -> String {
        switch rule {
        case .restrict: "NO ACTION"
        case .cascade: "CASCADE"
        case .setNull: "SET NULL"
        }
    }

    /// How the names of Martlet's own checks begin, and no field's column does.
    static let checkPrefix = "_check_"
}

/// What the database can see to by itself, for whoever writes to it beside Martlet. A null passes every check.
extension Table {
    private func checks(on field: FieldSchema) -> String {
        guard let condition = condition(on: field) else { return "" }
        return " CONSTRAINT \(Self.quote(Self.checkPrefix + field.column)) CHECK (\(condition))"
    }

    /// What a field's check is; nil when there is nothing to check.
    func condition(on field: FieldSchema) -> String? {
        let name = Self.quote(field.column)
        let conditions: [String] =
            switch field.type {
            case .integer, .number: rangeConditions(field, name)
            case .string: Self.stringConditions(field, name)
            case .boolean: ["\(name) IN (0, 1)"]
            case .timestamp:
                ["\(name) BETWEEN \(Timestamp.min.microsecondsSince1970) AND \(Timestamp.max.microsecondsSince1970)"]
            case .date: ["\(name) GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'"]
            case .uuid: ["length(\(name)) = 16"]
            case .bytes: Self.lengthConditions(field.length, name)
            // json_valid() would say it, but no function counts as safe in a schema that isn't trusted unless it is marked
            // so (https://www.sqlite.org/pragma.html#pragma_trusted_schema), and in 3.40 it isn't.
            case .json: []
            case .enumeration: ["\(name) IN (\(field.values.map(Self.literal).joined(separator: ", ")))"]
            }
        return conditions.isEmpty ? nil : conditions.joined(separator: " AND ")
    }

    private static func stringConditions(_ field: FieldSchema, _ name: String) -> [String] {
        // length() counts up to the first U+0000 (https://www.sqlite.org/lang_corefunc.html#length), which no value has.
        ["instr(\(name), char(0)) = 0"] + lengthConditions(field.length, name)
    }

    private static func lengthConditions(_ length: ClosedRange<Int>?, _ name: String) -> [String] {
        guard let length else { return [] }
        return (length.lowerBound > 0 ? ["length(\(name)) >= \(length.lowerBound)"] : [])
            + (length.upperBound < .max ? ["length(\(name)) <= \(length.upperBound)"] : [])
    }

    private func rangeConditions(_ field: FieldSchema, _ name: String) -> [String] {
        switch field.range {
        case .integers(let range):
            (range.lowerBound > .min ? ["\(name) >= \(range.lowerBound)"] : [])
                + (range.upperBound < .max ? ["\(name) <= \(range.upperBound)"] : [])
        case .numbers(let range):
            (range.lowerBound > -Double.greatestFiniteMagnitude ? ["\(name) >= \(range.lowerBound)"] : [])
                + (range.upperBound < Double.greatestFiniteMagnitude ? ["\(name) <= \(range.upperBound)"] : [])
        case nil: []
        }
    }
}
