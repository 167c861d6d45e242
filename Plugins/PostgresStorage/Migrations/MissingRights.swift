import MartletKernel
import MartletModel
import MartletSQL

/// Finds rights that the role needs for a migration and doesn't have.
struct MissingRights {
    private let connection: BlockingConnection
    /// The tables that are there and have to change.
    private let changed: [String]
    private let isNothing: Bool

    init(_ tables: [ShapeComparison.Table], _ connection: BlockingConnection) {
        self.connection = connection
        changed = tables.filter { !$0.changes.contains(.makeTable) }.map(\.schema.table)
        isNothing = tables.isEmpty
    }

    /// A line for each.
    func obstacles() throws(PostgresError) -> [String] {
        guard !isNothing else { return [] }
        let schema = SQLDialect.postgres.literal(connection.schema)
        let names = changed.map(SQLDialect.postgres.literal).joined(separator: ", ")
        let rows = try connection.rows(
            """
            SELECT format('schema %1$s: the role %2$s may not make tables and indexes in it; GRANT CREATE ON SCHEMA %1$I TO %2$I',
            \(schema), current_user) WHERE NOT has_schema_privilege(\(schema), 'CREATE')
            UNION ALL SELECT format('%1$s: the role %2$s does not own the table, which belongs to %3$s; '
            'ALTER TABLE %1$I OWNER TO %2$I', relname, current_user, pg_get_userbyid(relowner))
            FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident(\(schema)))
            AND relname = ANY (ARRAY[\(names)]::text[]) AND NOT pg_has_role(relowner, 'USAGE')
            """)
        return rows.compactMap { $0[0] }
    }
}
