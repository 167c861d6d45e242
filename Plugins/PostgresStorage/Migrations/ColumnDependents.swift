import MartletSQL

/// Finds what others have made of columns that go: PostgreSQL refuses to drop these, and says only at that moment that something
/// depends on them.
struct ColumnDependents {
    private let table: TableMigration
    private let connection: BlockingConnection

    init(_ table: TableMigration, _ connection: BlockingConnection) {
        self.table = table
        self.connection = connection
    }

    /// A line for each.
    func obstacles() throws(PostgresError) -> [String] {
        let columns = table.lostColumns.map(SQLDialect.postgres.literal)
        guard !columns.isEmpty else { return [] }
        // A view depends on a column by its rule. Martlet's own triggers are made anew, and begin with the table's name.
        let rows = try connection.rows(
            """
            SELECT DISTINCT CASE WHEN v.oid IS NOT NULL THEN format('the view %I', v.relname)
            ELSE format('the trigger %I', g.tgname) END, a.attname
            FROM pg_depend AS d JOIN pg_class AS t ON t.oid = d.refobjid
            JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
            LEFT JOIN pg_rewrite AS r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
            LEFT JOIN pg_class AS v ON v.oid = r.ev_class AND v.oid <> t.oid
            LEFT JOIN pg_trigger AS g ON d.classid = 'pg_trigger'::regclass AND g.oid = d.objid
            AND NOT starts_with(g.tgname, t.relname || '.')
            WHERE d.refclassid = 'pg_class'::regclass AND t.relnamespace = to_regnamespace(quote_ident($1))
            AND t.relname = $2 AND a.attname = ANY (ARRAY[\(columns.joined(separator: ", "))]::text[])
            AND d.deptype = 'n' AND (v.oid IS NOT NULL OR g.oid IS NOT NULL) ORDER BY 1, 2
            """, [connection.schema, table.table])
        return rows.compactMap { row in
            guard let subject = row[0], let column = row[1] else { return nil }
            return
                "\(subject) would no longer work: it needs the column \(column) of \(table.table): change or drop it first"
        }
    }
}
