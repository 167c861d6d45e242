import MartletModel

/// Compares a table that is there with its schema. The database itself says what it has
/// (<https://www.sqlite.org/pragma.html#pragma_table_xinfo>); SQL text is compared only with text of our own.
struct TableReview {
    let table: Table
    private let catalog: Catalog
    private let connection: Connection
    /// What doesn't fit, each as a clause of a sentence.
    private(set) var differences: [String] = []
    /// What is missing and can be made, in this order.
    private(set) var missing: [String] = []

    init(_ table: Table, _ catalog: Catalog, on connection: Connection) throws(SQLiteError) {
        self.table = table
        self.catalog = catalog
        self.connection = connection
        if let sql = try storedDefinition(of: table.schema.table) {
            try reviewTable(sql)
            try reviewUniqueIndexes()
        } else {
            missing.append(table.definition(catalog))
        }
        for index in table.indexes { try review("index", index.name, index.definition) }
        for trigger in table.triggers { try review("trigger", trigger.name, trigger.definition) }
    }

    private func storedDefinition(of name: String) throws(SQLiteError) -> String? {
        // Names of tables and indexes ignore ASCII case.
        let statement = try Statement("SELECT sql FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE", on: connection)
        try statement.bind(name, at: 1)
        return try statement.step() ? statement.text(0) : nil
    }

    // MARK: - The table

    private mutating func reviewTable(_ sql: String) throws(SQLiteError) {
        // Our own, of this very schema.
        if sql == table.definition(catalog) { return }
        if sql == table.definitionWithoutVersion(catalog) { return missing.append(table.addVersion) }
        let kind = try Statement(
            "SELECT type, strict FROM pragma_table_list WHERE schema = 'main' AND name = ?1 COLLATE NOCASE",
            on: connection)
        try kind.bind(table.schema.table, at: 1)
        guard try kind.step(), kind.text(0) == "table" else {
            differences.append("it is no table")
            return
        }
        if kind.integer(1) == 0 { differences.append("it is not STRICT") }
        let before = differences.count
        try reviewColumns()
        try reviewReferences()
        // Columns that fit under checks that don't: what the schema allows now, the table may refuse.
        if differences.count == before, sql.contains("CONSTRAINT \"\(Table.checkPrefix)") {
            differences.append("its checks were made for other constraints: \(sql)")
        }
    }

    private mutating func reviewColumns() throws(SQLiteError) {
        var expected = Dictionary(table.schema.fields.map { ($0.column, $0) }) { first, _ in first }
        let columns = try Statement(
            "SELECT name, type, \"notnull\", pk, hidden FROM pragma_table_xinfo(?1)", on: connection)
        try columns.bind(table.schema.table, at: 1)
        var hasVersion = false
        while try columns.step() {
            let name = columns.text(0)
            if Table.quote(name) == Table.version {
                hasVersion = true
                continue
            }
            guard let field = expected.removeValue(forKey: name) else {
                differences.append("column \"\(name)\" is not in the schema")
                continue
            }
            let column = try ColumnFacts(
                type: columns.text(1), isNotNull: columns.integer(2) != 0, isKey: columns.integer(3) != 0,
                isGenerated: columns.integer(4) != 0, name, of: table.schema.table, on: connection)
            differences += column.differences(from: field).map { "column \"\(name)\" \($0)" }
        }
        if !hasVersion { missing.append(table.addVersion) }
        for field in table.schema.fields where expected[field.column] != nil {
            differences.append("column \"\(field.column)\" is missing")
        }
    }

    /// What the database doesn't hold to would be nobody's, and what it holds to beside the schema refuses what that allows.
    private mutating func reviewReferences() throws(SQLiteError) {
        var expected: [String: String] = [:]
        for column in table.references {
            let field = table.schema.fields[column]
            guard let reference = field.reference, let target = catalog.table(named: reference.resource) else {
                continue
            }
            expected[field.column] = "\(target.schema.table) ON DELETE \(Table.action(reference.onDelete))"
        }
        let references = try Statement(
            "SELECT \"from\", \"table\", on_delete FROM pragma_foreign_key_list(?1)", on: connection)
        try references.bind(table.schema.table, at: 1)
        while try references.step() {
            let (column, found) = (references.text(0), "\(references.text(1)) ON DELETE \(references.text(2))")
            if let expected = expected.removeValue(forKey: column), expected == found { continue }
            differences.append("column \"\(column)\" references \(found), which is not in the schema")
        }
        for (column, target) in expected.sorted(by: { $0.key < $1.key }) {
            differences.append("column \"\(column)\" does not reference \(target)")
        }
    }

    // MARK: - Its indexes and triggers

    private mutating func review(_ kind: String, _ name: String, _ definition: String) throws(SQLiteError) {
        guard let sql = try storedDefinition(of: name) else { return missing.append(definition) }
        if sql != definition { differences.append("\(kind) \"\(name)\" is another: \(sql)") }
    }

    /// A uniqueness that the schema doesn't know would refuse what the schema allows.
    private mutating func reviewUniqueIndexes() throws(SQLiteError) {
        let known = Set(table.indexes.map(\.name))
        let indexes = try Statement(
            "SELECT name FROM pragma_index_list(?1) WHERE \"unique\" AND origin <> 'pk'", on: connection)
        try indexes.bind(table.schema.table, at: 1)
        while try indexes.step() {
            let name = indexes.text(0)
            if !known.contains(name) { differences.append("unique index \"\(name)\" is not in the schema") }
        }
    }
}
