import MartletKernel
import MartletModel
import MartletSQL

/// The table of the migrations that were done: what a database was left as, to see what others change in it.
struct MigrationRecord {
    /// `checksum`: of the definitions that the tables were last seen to fit; `steps`: the SQL that was run, empty where the
    /// tables were as they should be; `shape`: ``DatabaseShape/text`` of what came of it.
    static let definition =
        "CREATE TABLE martlet_migrations (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
        + "time timestamptz NOT NULL, checksum bigint NOT NULL, steps text NOT NULL, shape text NOT NULL)"

    let number: Int64
    let shape: DatabaseShape
    /// The tables had this shape when they were seen to fit the definitions.
    let isOfDefinitions: Bool
    /// The tables fitted the definitions at some time. Unless ``isOfDefinitions``, others have come after them.
    let hadDefinitions: Bool

    /// The last one; nil when there is none.
    /// - Parameter checksum: of the definitions.
    static func last(_ checksum: Int64, on connection: BlockingConnection) throws(PostgresError) -> MigrationRecord? {
        guard try connection.has(ServerTables.migrations) else { return nil }
        let rows = try connection.rows(
            """
            SELECT last.number, last.shape, EXISTS (SELECT FROM martlet_migrations AS own WHERE own.checksum = $1::bigint
            AND own.number > coalesce((SELECT max(number) FROM martlet_migrations WHERE shape <> last.shape), 0)),
            EXISTS (SELECT FROM martlet_migrations AS own WHERE own.checksum = $1::bigint)
            FROM martlet_migrations AS last ORDER BY last.number DESC LIMIT 1
            """, [String(checksum)])
        // Without a shape that can be read, of a later version perhaps, it is as without a record.
        guard let row = rows.first, let number = row[0].flatMap({ Int64($0) }),
            let shape = row[1].flatMap(DatabaseShape.init(text:))
        else { return nil }
        return MigrationRecord(
            number: number, shape: shape, isOfDefinitions: row[2] == "t", hadDefinitions: row[3] == "t")
    }

    /// - Parameter checksum: of the definitions.
    static func append(
        _ shape: DatabaseShape, _ checksum: Int64, _ migration: Migration, at time: Timestamp,
        on connection: BlockingConnection
    ) throws(PostgresError) {
        let steps = migration.steps.flatMap(\.sql).joined(separator: ";\n")
        _ = try connection.rows(
            "INSERT INTO martlet_migrations (time, checksum, steps, shape) "
                + "VALUES ($1::timestamptz, $2::bigint, $3::text, $4::text)",
            [time.description, String(checksum), steps, shape.text])
    }
}

extension BlockingConnection {
    func has(_ name: String) throws(PostgresError) -> Bool {
        try rows("SELECT to_regclass($1)", [quotedIdentifier(name)]).first?.first.flatMap { $0 } != nil
    }
}
