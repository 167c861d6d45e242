import MartletKernel
import MartletModel
import MartletSQL

/// Reads the shape of tables from the system's catalogs (<https://www.postgresql.org/docs/current/catalogs.html>): the same
/// way from those that are there and from the temporary ones in which the definitions were just executed.
///
/// Only one schema is looked at, which has to be the one that is searched: the texts that the server makes of definitions name
/// others only.
struct ShapeReader {
    enum Namespace {
        case schema(String)
        /// Of the session's temporary tables.
        case temporary

        /// Its id, as SQL.
        var id: String {
            switch self {
            case .schema(let name): "to_regnamespace(quote_ident(\(SQLDialect.postgres.literal(name))))"
            case .temporary: "pg_my_temp_schema()"
            }
        }
    }

    let namespace: Namespace
    let connection: BlockingConnection
    private(set) var shape = DatabaseShape()
    /// The names of Martlet's constraints as they are: they stay when others rename a column.
    private(set) var constraints = ConstraintNames()
    /// Each unique index of such a table has to have the columns that it is partitioned by.
    private(set) var partitioned: Set<String> = []
    /// By their ids, as an array's text has them.
    private var names: [String: String] = [:]
    private var ids: String { "{\(names.keys.sorted().joined(separator: ","))}" }

    /// What has a place in the resources, or had one under another name.
    private let served: [String: Set<String>]

    /// The tables of these resources, as far as they are there.
    init(
        _ connection: BlockingConnection, _ definitions: Definitions, in namespace: Namespace
    ) throws(PostgresError) {
        (self.connection, self.namespace) = (connection, namespace)
        let columns = definitions.layouts.map { layout in
            (layout.schema.table, Set(layout.schema.fields.flatMap { [$0.column] + $0.formerColumns }))
        }
        served = Dictionary(columns) { first, _ in first }
        try readTables(definitions.names)
        guard !names.isEmpty else { return }
        try readColumns()
        try readConstraints()
        try readIndexes()
        try readTriggers()
    }

    private mutating func readTables(_ tables: [String]) throws(PostgresError) {
        let list = tables.map(SQLDialect.postgres.literal).joined(separator: ", ")
        guard !list.isEmpty else { return }
        let rows = try connection.rows(
            """
            SELECT relname, oid, relkind, EXISTS (SELECT FROM pg_inherits WHERE inhparent = pg_class.oid) AND relkind = 'r',
            relpersistence = 'u' AND relkind = 'r', relispartition, reloftype <> 0
            FROM pg_class WHERE relname = ANY (ARRAY[\(list)]::text[]) AND relnamespace = \(namespace.id)
            UNION ALL SELECT typname, oid, 't', false, false, false, false
            FROM pg_type WHERE typname = ANY (ARRAY[\(list)]::text[]) AND typnamespace = \(namespace.id) AND typrelid = 0
            AND typelem = 0
            """)
        for row in rows {
            guard let name = row[0], let id = row[1] else { continue }
            var table = TableShape()
            if row[2] == "r" || row[2] == "p" {
                names[id] = name
            } else {
                table.oddities = ["is no table but \(RelationKind.name(row[2] ?? ""))"]
            }
            if row[2] == "p" { partitioned.insert(name) }
            if row[3] == "t" { table.oddities.append("has tables that inherit from it") }
            if row[4] == "t" {
                table.oddities.append(
                    "is UNLOGGED, and a crash of PostgreSQL empties it; "
                        + "ALTER TABLE \(quotedIdentifier(name)) SET LOGGED changes that")
            }
            if row[5] == "t" { table.oddities.append("is a partition of another table, which can be served itself") }
            if row[6] == "t" {
                table.oddities.append(
                    "is a typed table, which can't get columns; "
                        + "ALTER TABLE \(quotedIdentifier(name)) NOT OF changes that")
            }
            shape.tables[name] = table
        }
    }

    private mutating func readColumns() throws(PostgresError) {
        let rows = try connection.rows(
            """
            SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod), c.collname, a.attnotnull,
            a.attidentity <> '' OR starts_with(pg_get_expr(d.adbin, d.adrelid), 'nextval('), a.attgenerated <> '',
            EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey))
            FROM pg_attribute AS a LEFT JOIN pg_collation AS c ON c.oid = a.attcollation
            LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE a.attrelid = ANY ($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, a.attnum
            """, [ids])
        for row in rows {
            guard let table = row[0].flatMap({ names[$0] }), let name = row[1], var type = row[2] else { continue }
            let collation = row[3]
            // JSON is what sorts so.
            if type == "text", collation == "POSIX" { type = "json" }
            var column = ColumnShape(type, isNullable: row[4] == "f")
            if row[7] == "t" { column.key = row[5] == "t" ? .generated : .assigned }
            shape.tables[table]?.columns[name] = column
            if row[6] == "t" {
                shape.tables[table]?.oddities.append("has the column \(name), which the database computes")
            }
            if let collation, !["C", "POSIX"].contains(collation), served[table]?.contains(name) == true {
                shape.tables[table]?.oddities.append(
                    "has the column \(name), which compares by \(collation), not by its bytes; "
                        + "ALTER TABLE \(quotedIdentifier(table)) ALTER COLUMN \(quotedIdentifier(name)) "
                        + "TYPE text COLLATE \"C\" changes that")
            }
        }
    }

    private mutating func readConstraints() throws(PostgresError) {
        let rows = try connection.rows(
            """
            SELECT k.conrelid, k.conname, k.contype, array_length(k.conkey, 1), a.attname,
            pg_get_expr(k.conbin, k.conrelid), CASE WHEN target.relnamespace = \(namespace.id) THEN '' ELSE
            target.relnamespace::regnamespace || '.' END || target.relname, other.attname,
            CASE k.confdeltype WHEN 'a' THEN 'NO ACTION' WHEN 'r' THEN 'RESTRICT' WHEN 'c' THEN 'CASCADE'
            WHEN 'n' THEN 'SET NULL' ELSE 'SET DEFAULT' END
            || CASE WHEN k.condeferrable THEN '' ELSE ', never deferred' END
            || CASE WHEN k.condeferred THEN ', deferred' ELSE '' END
            || CASE WHEN EXISTS (SELECT FROM pg_trigger WHERE tgconstraint = k.oid AND tgenabled NOT IN ('O', 'A'))
            THEN ', its triggers disabled' ELSE '' END, k.convalidated
            FROM pg_constraint AS k LEFT JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
            LEFT JOIN pg_class AS target ON target.oid = k.confrelid
            LEFT JOIN pg_attribute AS other ON other.attrelid = k.confrelid AND other.attnum = k.confkey[1]
            WHERE k.conrelid = ANY ($1::oid[]) AND k.contype IN ('c', 'f', 'x') ORDER BY k.conrelid, k.conname
            """, [ids])
        for row in rows {
            guard let table = row[0].flatMap({ names[$0] }), let name = row[1] else { continue }
            let (column, isSingle) = (row[4] ?? "", row[3] == "1")
            let suffix = row[9] == "f" ? ", not of all records" : ""
            switch row[2] {
            case "c" where name.hasPrefix("_check_") && isSingle:
                let condition = ConditionText.of(row[5] ?? "", on: column) + suffix
                shape.tables[table]?.columns[column]?.check = condition
                constraints.checks[table, default: [:]][column] = name
            case "f":
                let reference = ReferenceShape(row[6] ?? "", row[7] ?? "", onDelete: (row[8] ?? "") + suffix)
                add(reference, isSingle, name, to: column, of: table)
            case "x":
                shape.tables[table]?.oddities.append("has the constraint \(name), which is not in the schema")
            default: break
            }
        }
    }

    private mutating func add(
        _ reference: ReferenceShape, _ isSingle: Bool, _ name: String, to column: String, of table: String
    ) {
        if !isSingle {
            shape.tables[table]?.oddities.append("has the constraint \(name), a reference of several columns")
        } else if shape.tables[table]?.columns[column]?.reference != nil {
            shape.tables[table]?.oddities.append("has the column \(column), which references two tables")
        }
        shape.tables[table]?.columns[column]?.reference = reference
        constraints.references[table, default: [:]][column] = name
    }

    private mutating func readIndexes() throws(PostgresError) {
        let rows = try connection.rows(
            """
            SELECT i.indrelid, c.relname, i.indisunique, pg_get_indexdef(i.indexrelid, 0, true)
            || CASE WHEN i.indisvalid THEN '' ELSE ' INVALID' END
            FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
            WHERE i.indrelid = ANY ($1::oid[]) AND NOT i.indisprimary AND NOT i.indisexclusion
            ORDER BY i.indrelid, c.relname
            """, [ids])
        for row in rows {
            guard let table = row[0].flatMap({ names[$0] }), let name = row[1], let text = row[3] else { continue }
            if Index.isOwn(name, of: table) {
                shape.tables[table]?.indexes[name] = text
            } else if row[2] == "t" {
                // It would refuse what the schema allows.
                shape.tables[table]?.oddities.append("has the unique index \(name), which is not in the schema")
            }
        }
    }

    private mutating func readTriggers() throws(PostgresError) {
        let rows = try connection.rows(
            """
            SELECT t.tgrelid, t.tgname,
            replace(pg_get_triggerdef(t.oid, true), 'EXECUTE FUNCTION pg_temp.', 'EXECUTE FUNCTION ')
            || CASE t.tgenabled WHEN 'O' THEN '' ELSE ' DISABLED' END || ' AS ' || p.prosrc
            FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_proc AS p ON p.oid = t.tgfoid
            WHERE t.tgrelid = ANY ($1::oid[]) AND NOT t.tgisinternal ORDER BY t.tgrelid, t.tgname
            """, [ids])
        for row in rows {
            guard let table = row[0].flatMap({ names[$0] }), let name = row[1], Index.isOwn(name, of: table) else {
                continue
            }
            shape.tables[table]?.triggers[name] = row[2]
        }
    }

    /// The indexes of others that go with a column.
    func indexes(on column: String, of table: String) throws(PostgresError) -> [String] {
        let rows = try connection.rows(
            """
            SELECT DISTINCT c.relname FROM pg_attribute AS a JOIN pg_depend AS d
            ON d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum
            JOIN pg_class AS c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid AND c.relkind IN ('i', 'I')
            WHERE a.attrelid = $1::oid AND a.attname = $2 ORDER BY c.relname
            """, [names.first { $0.value == table }?.key ?? "0", column])
        return rows.compactMap { $0[0] }.filter { !Index.isOwn($0, of: table) }
    }
}

/// By tables and columns.
struct ConstraintNames {
    var checks: [String: [String: String]] = [:]
    var references: [String: [String: String]] = [:]
}

extension Index {
    /// Whether an index or a trigger of this name is Martlet's, made for this or another version of the resource.
    static func isOwn(_ name: String, of table: String) -> Bool {
        if name.hasPrefix("\(table).") { return true }
        guard let cut = name.lastIndex(of: "~") else { return false }
        return "\(table).".hasPrefix(name[..<cut])
    }
}
