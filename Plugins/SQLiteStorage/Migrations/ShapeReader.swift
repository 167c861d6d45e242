import CSQLite
import MartletKernel
import MartletModel
import MartletSQL

/// Reads the shape of a database: the same way from the one that is there and from a new one.
///
/// The database itself says what it has (<https://www.sqlite.org/pragma.html#pragma_table_xinfo>). Only Martlet's own
/// checks have to be found in the text of the table.
struct ShapeReader {
    let connection: Connection

    /// The tables of these names, as far as they are there. Names of tables ignore ASCII case.
    /// - Parameter isAdopted: whether others have made a table, told by its name and text.
    func shape(of tables: [String], isAdopted: (String, String) -> Bool) throws(SQLiteError) -> DatabaseShape {
        let objects = try SchemaObjects(of: connection)
        var shape = DatabaseShape()
        for name in tables { shape.tables[name] = try table(name, objects, isAdopted) }
        return shape
    }

    private func table(
        _ name: String, _ objects: SchemaObjects, _ isAdopted: (String, String) -> Bool
    ) throws(SQLiteError) -> TableShape? {
        guard let found = objects.table(name) else { return nil }
        var table = TableShape()
        guard found.isTable else {
            table.oddities = ["is no table"]
            return table
        }
        if !found.isStrict { table.oddities.append("is not STRICT") }
        let definition = found.definition
        table.isAdopted = isAdopted(name, definition)
        try readColumns(of: name, DefinitionScanner.checks(in: definition), into: &table)
        try readReferences(of: name, into: &table)
        try readIndexes(of: name, into: &table)
        for trigger in objects.attached("trigger", to: name) where Index.isOwn(trigger.name, of: name) {
            table.triggers[trigger.name] = trigger.definition
        }
        return table
    }

    private func readColumns(
        of table: String, _ checks: [String: String], into shape: inout TableShape
    ) throws(SQLiteError) {
        let columns = try Statement(
            "SELECT name, type, \"notnull\", pk, hidden FROM pragma_table_xinfo(?1)", on: connection)
        try columns.bind(table, at: 1)
        while try columns.step() {
            let name = columns.text(0)
            let isKey = columns.integer(3) != 0
            let (collation, isAutoincrement) = try metadata(of: name, in: table)
            var type = columns.text(1).uppercased()
            // INT and INTEGER are one type, but only INTEGER makes a key that the database assigns.
            if type == "INT", !isKey { type = "INTEGER" }
            // A key that the database assigns is never null, said or not.
            var column = ColumnShape(type, isNullable: columns.integer(2) == 0 && !isAutoincrement)
            if isKey { column.key = isAutoincrement ? .generated : .assigned }
            column.check = checks[name]
            shape.columns[name] = column
            if columns.integer(4) != 0 { shape.oddities.append("has the column \(name), which the database computes") }
            if collation.uppercased() != "BINARY" {
                shape.oddities.append("has the column \(name), which compares by \(collation), not by its bytes")
            }
        }
    }

    private func metadata(of column: String, in table: String) throws(SQLiteError) -> (String, Bool) {
        var collation: UnsafePointer<CChar>?
        var autoincrement: Int32 = 0
        try connection.check(
            sqlite3_table_column_metadata(
                connection.handle, "main", table, column, nil, &collation, nil, nil, &autoincrement))
        return (collation.map { String(cString: $0) } ?? "BINARY", autoincrement != 0)
    }

    private func readReferences(of table: String, into shape: inout TableShape) throws(SQLiteError) {
        // Without a column it is the other table's key (https://www.sqlite.org/foreignkeys.html, 3).
        let references = try Statement(
            """
            SELECT reference."from", reference."table", reference.on_delete, coalesce(reference."to",
            (SELECT name FROM pragma_table_info(reference."table") WHERE pk = 1), '')
            FROM pragma_foreign_key_list(?1) AS reference ORDER BY id, seq
            """, on: connection)
        try references.bind(table, at: 1)
        while try references.step() {
            let column = references.text(0)
            if shape.columns[column]?.reference != nil {
                shape.oddities.append("has the column \(column), which references two tables")
            }
            shape.columns[column]?.reference = ReferenceShape(
                references.text(1), references.text(3), onDelete: references.text(2))
        }
    }

    private func readIndexes(of table: String, into shape: inout TableShape) throws(SQLiteError) {
        let indexes = try Statement(
            "SELECT name, \"unique\", partial FROM pragma_index_list(?1) WHERE origin <> 'pk' ORDER BY name",
            on: connection)
        try indexes.bind(table, at: 1)
        while try indexes.step() {
            let (name, isUnique) = (indexes.text(0), indexes.integer(1) != 0)
            if Index.isOwn(name, of: table) {
                let kind = (isUnique ? "UNIQUE " : "") + (indexes.integer(2) != 0 ? "PARTIAL " : "")
                shape.indexes[name] = try kind + columns(ofIndex: name)
            } else if isUnique {
                // It would refuse what the schema allows.
                shape.oddities.append("has the unique index \(name), which is not in the schema")
            }
        }
    }

    /// An index by an expression has a column without a name.
    private func columns(ofIndex name: String) throws(SQLiteError) -> String {
        try connection.text(
            """
            SELECT group_concat(coalesce(name, '(an expression)') || ' ' || coll || CASE desc WHEN 1 THEN ' DESC' ELSE '' \
            END, ', ') FROM (SELECT * FROM pragma_index_xinfo(\(SQLDialect.sqlite.literal(name))) WHERE key ORDER BY seqno)
            """)
    }

    /// The indexes and triggers of a table that others have made, with their definitions. What a constraint of the table
    /// makes isn't among them.
    func extras() throws(SQLiteError) -> (String) -> [(name: String, definition: String)] {
        let objects = try SchemaObjects(of: connection)
        return { table in
            (objects.attached("index", to: table) + objects.attached("trigger", to: table))
                .filter { !Index.isOwn($0.name, of: table) }
        }
    }
}

extension Index {
    /// Whether an index or a trigger is one that Martlet has made, by its name.
    static func isOwn(_ name: String, of table: String) -> Bool {
        name.hasPrefix("\(table).") && [".unique", ".index", ".setnull"].contains { name.hasSuffix($0) }
    }
}

/// What a database says of its tables, indexes and triggers, read at once: to look for each table by itself would read
/// the whole list as often as there are tables.
private struct SchemaObjects {
    struct Table {
        let isTable: Bool
        let isStrict: Bool
        let definition: String
    }

    private var tables: [String: Table] = [:]
    /// By kind and table.
    private var attachments: [String: [(name: String, definition: String)]] = [:]

    init(of connection: Connection) throws(SQLiteError) {
        var definitions: [String: String] = [:]
        let objects = try Statement(
            "SELECT type, tbl_name, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name", on: connection)
        while try objects.step() {
            let (kind, name) = (objects.text(0), objects.text(2))
            if ["table", "view"].contains(kind) {
                definitions[name] = objects.text(3)
            } else {
                attachments[Self.key(kind, objects.text(1)), default: []].append((name, objects.text(3)))
            }
        }
        let kinds = try Statement(
            "SELECT name, type, strict FROM pragma_table_list WHERE schema = 'main'", on: connection)
        while try kinds.step() {
            guard let definition = definitions[kinds.text(0)] else { continue }
            tables[Self.folded(kinds.text(0))] = Table(
                isTable: kinds.text(1) == "table", isStrict: kinds.integer(2) != 0, definition: definition)
        }
    }

    func table(_ name: String) -> Table? { tables[Self.folded(name)] }

    func attached(_ kind: String, to table: String) -> [(name: String, definition: String)] {
        attachments[Self.key(kind, table)] ?? []
    }

    private static func key(_ kind: String, _ table: String) -> String { "\(kind) \(folded(table))" }

    /// SQLite's names ignore the case of ASCII letters alone.
    private static func folded(_ name: String) -> String {
        String(decoding: name.utf8.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
