import MartletKernel
import MartletModel
import MartletSQL

/// Finds names that a migration needs and that something else has: tables, indexes and sequences of a schema share their names.
struct TakenNames {
    private let connection: BlockingConnection
    /// The tables that get indexes, by these.
    private let indexes: [String: String]

    init(_ tables: [ShapeComparison.Table], _ actual: DatabaseShape, _ connection: BlockingConnection) {
        self.connection = connection
        var indexes: [String: String] = [:]
        for table in tables {
            let name = table.schema.table
            for case .makeIndex(let index) in table.changes where actual.tables[name]?.indexes[index] == nil {
                indexes[index] = name
            }
        }
        self.indexes = indexes
    }

    /// A line for each.
    func obstacles() throws(PostgresError) -> [String] {
        let names = (indexes.keys + ServerTables.definitions.map(\.0)).sorted().map(SQLDialect.postgres.literal)
        let rows = try connection.rows(
            """
            SELECT c.relname, c.relkind, i.indrelid::regclass FROM pg_class AS c
            LEFT JOIN pg_index AS i ON i.indexrelid = c.oid
            WHERE c.relnamespace = to_regnamespace(quote_ident($1))
            AND c.relname = ANY (ARRAY[\(names.joined(separator: ", "))]::text[]) ORDER BY c.relname
            """, [connection.schema])
        return rows.compactMap { row in
            guard let name = row[0], let kind = row[1] else { return nil }
            let present = RelationKind.name(kind) + (row[2].map { " of \($0)" } ?? "")
            if let table = indexes[name] { return "\(table): the name of its index \(name) is taken by \(present)" }
            let isOwn = name == ServerTables.versions ? kind == "S" : kind == "r"
            return isOwn ? nil : "\(name): the name is Martlet's own, and is taken by \(present)"
        }
    }
}

/// What `pg_class.relkind` says (<https://www.postgresql.org/docs/current/catalog-pg-class.html>); `t` is a type without a relation.
enum RelationKind {
    static func name(_ kind: String) -> String {
        switch kind {
        case "r", "p": "a table"
        case "i", "I": "an index"
        case "S": "a sequence"
        case "v": "a view"
        case "m": "a materialized view"
        case "f": "a foreign table"
        case "c", "t": "a type"
        default: "a relation of the kind \(kind)"
        }
    }
}
