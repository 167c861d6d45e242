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
        let columns = table.gone.map { TableLayout.literal($0.name) }
        guard !columns.isEmpty else { return [] }
        // A view depends on a column by its rule. Deptype n: it keeps the column from being dropped; others go with it.
        let rows = try connection.rows(
            """
            SELECT DISTINCT CASE WHEN v.oid IS NOT NULL THEN format('the view %I', v.relname)
            ELSE 'the ' || pg_describe_object(d.classid, d.objid, d.objsubid) END, a.attname
            FROM pg_depend AS d JOIN pg_class AS t ON t.oid = d.refobjid
            JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
            LEFT JOIN pg_rewrite AS r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
            LEFT JOIN pg_class AS v ON v.oid = r.ev_class
            WHERE d.refclassid = 'pg_class'::regclass AND t.relnamespace = to_regnamespace(quote_ident($1))
            AND t.relname = $2 AND a.attname = ANY (ARRAY[\(columns.joined(separator: ", "))]::text[])
            AND d.deptype = 'n' AND (v.oid IS NULL OR v.oid <> t.oid) ORDER BY 1, 2
            """, [connection.schema, table.table])
        return rows.compactMap { row in
            guard let subject = row[0], let column = row[1] else { return nil }
            return "\(subject) would no longer work: it needs the column \(column) of \(table.table): change or drop it first"
        }
    }
}
