import MartletKernel

/// Finds what keeps tables from being served whose shape is right: reads would lack records, or no change would ever be done.
struct ServingObstacles {
    private let connection: BlockingConnection
    private let names: String

    init(_ tables: some Collection<String>, _ connection: BlockingConnection) {
        self.connection = connection
        names = tables.sorted().map(TableLayout.literal).joined(separator: ", ")
    }

    /// A line for each.
    func obstacles() throws(PostgresError) -> [String] {
        guard !names.isEmpty else { return [] }
        let rows = try connection.rows(
            """
            WITH served AS (SELECT oid, relname, relreplident, relnamespace FROM pg_class
            WHERE relnamespace = to_regnamespace(quote_ident($1)) AND relname = ANY (ARRAY[\(names)]::text[]) AND relkind IN ('r', 'p'))
            SELECT format('%1$s: row security hides records from the role %2$s: ALTER TABLE %1$I DISABLE ROW LEVEL SECURITY, or '
            'ALTER ROLE %2$I BYPASSRLS', relname, current_user) FROM served WHERE row_security_active(oid)
            UNION ALL SELECT format('%1$s: the role %2$s may not read the table: GRANT SELECT, INSERT, UPDATE, DELETE ON %1$I TO %2$I',
            relname, current_user) FROM served WHERE NOT has_table_privilege(oid, 'SELECT')
            UNION ALL SELECT format('%1$s: the rule %2$s does something else instead of a change: DROP RULE %2$I ON %1$I',
            relname, rulename) FROM served JOIN pg_rewrite ON ev_class = served.oid WHERE is_instead
            UNION ALL SELECT format('%1$s: it is published and has no replica identity, so no record can be changed: '
            'ALTER TABLE %1$I REPLICA IDENTITY DEFAULT', relname) FROM served
            WHERE relreplident = 'n' AND EXISTS (SELECT FROM pg_publication_tables WHERE schemaname = $1 AND tablename = relname)
            UNION ALL SELECT format('%1$s: the constraint %2$s is deferrable, which no record can be inserted or updated by: '
            'ALTER TABLE %1$I DROP CONSTRAINT %2$I, and make it again without DEFERRABLE', served.relname, i.relname)
            FROM served JOIN pg_index ON indrelid = served.oid JOIN pg_class AS i ON i.oid = indexrelid
            WHERE NOT indimmediate AND (indisprimary OR starts_with(i.relname, served.relname || '.'))
            """, [connection.schema])
        return rows.compactMap { $0.first.flatMap { $0 } }
    }
}
