import MartletKernel
import MartletModel
import MartletSQL

/// Finds out that the tables are likely in another schema than the one that comes first: somebody has made a schema, or changed
/// the search path, since they were made.
enum SchemaChoice {
    /// A line for each.
    ///
    /// Only for a schema that has no record of a migration. One that the search path names, and that has nothing yet, is meant:
    /// that is how tenants share a database. One of the role's name (`$user`) is there by chance, and so may tables be that
    /// others have made.
    static func obstacles(
        _ definitions: Definitions, _ actual: DatabaseShape, _ connection: BlockingConnection
    ) throws(PostgresError) -> [String] {
        let names = definitions.names.map(SQLDialect.postgres.literal).joined(separator: ", ")
        // As the role, the database and the connection string set it. What isn't qualified may be anybody's there.
        try connection.execute("SAVEPOINT path; SET LOCAL search_path TO DEFAULT")
        let path = try connection.rows(
            "SELECT pg_catalog.current_schemas(false), pg_catalog.current_setting('search_path')")
        try connection.execute("ROLLBACK TO path; RELEASE path")
        let rows = try connection.rows(
            """
            SELECT schema.name, strpos($3, '$user') > 0 AND current_user = $1
            FROM unnest($2::text[]) WITH ORDINALITY AS schema(name, place)
            WHERE schema.name <> $1 AND EXISTS (SELECT FROM pg_class WHERE relname = '\(ServerTables.migrations)'
            AND relnamespace = to_regnamespace(quote_ident(schema.name)) AND relkind = 'r' AND pg_has_role(relowner, 'USAGE'))
            AND EXISTS (SELECT FROM pg_class WHERE relname = ANY (ARRAY[\(names)]::text[])
            AND relnamespace = to_regnamespace(quote_ident(schema.name)) AND relkind IN ('r', 'p'))
            ORDER BY place LIMIT 1
            """, [connection.schema, path.first?[0] ?? "{}", path.first?[1] ?? ""])
        guard let row = rows.first, let other = row[0], row[1] == "t" || !actual.tables.isEmpty else { return [] }
        let first = connection.schema
        return [
            "the schema \(first) comes first in the search path and was never migrated, and the schema \(other) after it has "
                + "Martlet's tables; name the one that is meant in the connection string, as in ?options=-csearch_path%3D\(other)"
        ]
    }
}
