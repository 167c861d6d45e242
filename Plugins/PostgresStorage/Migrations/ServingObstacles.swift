import MartletKernel
import MartletSQL

/// Finds what keeps tables from being served whose shape is right: reads would lack records, or no change would ever be done.
/// Martlet's own table and sequence are looked at too.
struct ServingObstacles {
    private let connection: BlockingConnection
    private let names: String

    init(_ tables: some Collection<String>, _ connection: BlockingConnection) {
        self.connection = connection
        names = tables.sorted().map(SQLDialect.postgres.literal).joined(separator: ", ")
    }

    /// A line for each.
    func obstacles() throws(PostgresError) -> [String] {
        guard !names.isEmpty else { return [] }
        let rows = try connection.rows(
            """
            WITH served AS (SELECT oid, relname, relreplident, relnamespace FROM pg_class
            WHERE relnamespace = to_regnamespace(quote_ident($1)) AND relname = ANY (ARRAY[\(names)]::text[]) AND relkind IN ('r', 'p')),
            own AS (SELECT oid, relname FROM pg_class
            WHERE relnamespace = to_regnamespace(quote_ident($1)) AND relname = '\(ServerTables.idempotency)' AND relkind = 'r'),
            sequences AS (SELECT oid, relname, relkind FROM pg_class
            WHERE relnamespace = to_regnamespace(quote_ident($1)) AND relname = '\(ServerTables.versions)' AND relkind = 'S'
            UNION SELECT s.oid, s.relname, s.relkind FROM served JOIN pg_attrdef ON adrelid = served.oid
            JOIN pg_depend AS d ON d.classid = 'pg_attrdef'::regclass AND d.objid = pg_attrdef.oid AND d.refclassid = 'pg_class'::regclass
            JOIN pg_class AS s ON s.oid = d.refobjid AND s.relkind = 'S')
            SELECT format('%1$s: row security hides records from the role %2$s: ALTER TABLE %1$I DISABLE ROW LEVEL SECURITY, or '
            'ALTER ROLE %2$I BYPASSRLS', relname, current_user) FROM served WHERE row_security_active(oid)
            UNION ALL SELECT format('%1$s: the role %2$s lacks the right to %3$s: GRANT SELECT, INSERT, UPDATE, DELETE ON %1$I TO %2$I',
            relname, current_user, string_agg(privilege, ', '))
            FROM (SELECT oid, relname FROM served UNION ALL TABLE own) AS tables,
            unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege
            WHERE NOT has_table_privilege(oid, privilege) GROUP BY relname
            UNION ALL SELECT format('%1$s: the role %2$s may not take numbers from the sequence: GRANT USAGE ON SEQUENCE %1$I TO %2$I',
            relname, current_user) FROM sequences WHERE CASE WHEN relkind = 'S' THEN NOT has_sequence_privilege(oid, 'USAGE') END
            UNION ALL SELECT format('%1$s: Martlet gives no value to the column %2$s, which needs one: ALTER TABLE %1$I DROP %2$I',
            relname, attname) FROM own JOIN pg_attribute ON attrelid = own.oid
            WHERE attnum > 0 AND attnotnull AND NOT atthasdef AND attidentity = ''
            AND attname <> ALL (ARRAY['scope', 'fingerprint', 'time', 'result'])
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
