import MartletModel

/// Compares a table that is there with its schema. The database itself says what it has
/// (<https://www.sqlite.org/pragma.html#pragma_table_xinfo>); SQL text is compared only with text of our own.
struct TableReview {
    let table: Table
    private let connection: Connection
    /// What doesn't fit, each as a clause of a sentence.
    private(set) var differences: [String] = []
    /// What is missing and can be made, in this order.
    private(set) var missing: [String] = []

    init(_ table: Table, on connection: Connection) throws(SQLiteError) {
        self.table = table
        self.connection = connection
        if let sql = try storedDefinition(of: table.schema.name) {
            try reviewTable(sql)
            try reviewUniqueIndexes()
        } else {
            missing.append(table.definition)
        }
        for index in table.indexes { try review(index) }
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
        if sql == table.definition { return }
        let kind = try Statement(
            "SELECT type, strict FROM pragma_table_list WHERE schema = 'main' AND name = ?1 COLLATE NOCASE",
            on: connection)
        try kind.bind(table.schema.name, at: 1)
        guard try kind.step(), kind.text(0) == "table" else {
            differences.append("it is no table")
            return
        }
        if kind.integer(1) == 0 { differences.append("it is not STRICT") }
        let before = differences.count
        try reviewColumns()
        // Columns that fit under checks that don't: what the schema allows now, the table may refuse.
        if differences.count == before, sql.contains("CONSTRAINT \"\(Table.checkPrefix)") {
            differences.append("its checks were made for other constraints: \(sql)")
        }
    }

    private mutating func reviewColumns() throws(SQLiteError) {
        var expected = Dictionary(table.schema.fields.map { ($0.column, $0) }) { first, _ in first }
        let columns = try Statement(
            "SELECT name, type, \"notnull\", pk, hidden FROM pragma_table_xinfo(?1)", on: connection)
        try columns.bind(table.schema.name, at: 1)
        while try columns.step() {
            let name = columns.text(0)
            guard let field = expected.removeValue(forKey: name) else {
                differences.append("column \"\(name)\" is not in the schema")
                continue
            }
            let column = try ColumnFacts(
                type: columns.text(1), isNotNull: columns.integer(2) != 0, isKey: columns.integer(3) != 0,
                isGenerated: columns.integer(4) != 0, name, of: table.schema.name, on: connection)
            differences += column.differences(from: field).map { "column \"\(name)\" \($0)" }
        }
        for field in table.schema.fields where expected[field.column] != nil {
            differences.append("column \"\(field.column)\" is missing")
        }
    }

    // MARK: - Its indexes

    private mutating func review(_ index: Index) throws(SQLiteError) {
        guard let sql = try storedDefinition(of: index.name) else { return missing.append(index.definition) }
        if sql != index.definition { differences.append("index \"\(index.name)\" is another: \(sql)") }
    }

    /// A uniqueness that the schema doesn't know would refuse what the schema allows.
    private mutating func reviewUniqueIndexes() throws(SQLiteError) {
        let known = Set(table.indexes.map(\.name))
        let indexes = try Statement("SELECT name FROM pragma_index_list(?1) WHERE \"unique\"", on: connection)
        try indexes.bind(table.schema.name, at: 1)
        while try indexes.step() {
            let name = indexes.text(0)
            if !known.contains(name) { differences.append("unique index \"\(name)\" is not in the schema") }
        }
    }
}
