import MartletKernel
import MartletModel

/// The table of the migrations that were done: what a database was left as, to see what others change in it.
struct MigrationRecord {
    /// `checksum`: of the definitions that the tables were last seen to fit; `steps`: the SQL that was run, empty where the
    /// tables were as they should be; `shape`: ``DatabaseShape/text`` of what came of it.
    static let definition =
        "CREATE TABLE martlet_migrations (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
        + "time timestamptz NOT NULL, checksum bigint NOT NULL, steps text NOT NULL, shape text NOT NULL)"

    let number: Int64
    let checksum: Int64
    let shape: DatabaseShape

    /// The last one; nil when there is none.
    static func last(on connection: BlockingConnection) throws(PostgresError) -> MigrationRecord? {
        guard try connection.has(ServerTables.migrations) else { return nil }
        let rows = try connection.rows(
            "SELECT number, checksum, shape FROM martlet_migrations ORDER BY number DESC LIMIT 1")
        // Without a shape that can be read, of a later version perhaps, it is as without a record.
        guard let row = rows.first, let number = row[0].flatMap({ Int64($0) }),
            let checksum = row[1].flatMap({ Int64($0) }), let shape = row[2].flatMap(DatabaseShape.init(text:))
        else { return nil }
        return MigrationRecord(number: number, checksum: checksum, shape: shape)
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

    /// The same tables fit these definitions too.
    func confirm(_ checksum: Int64, on connection: BlockingConnection) throws(PostgresError) {
        _ = try connection.rows(
            "UPDATE martlet_migrations SET checksum = $1::bigint WHERE number = $2::bigint",
            [String(checksum), String(number)])
    }
}

extension BlockingConnection {
    func has(_ name: String) throws(PostgresError) -> Bool {
        try rows("SELECT to_regclass($1)", [TableLayout.quote(name)]).first?.first.flatMap { $0 } != nil
    }
}
