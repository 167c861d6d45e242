import MartletKernel
import MartletModel

/// The table of the migrations that were done: what a database was left as, to see what others change in it.
struct MigrationRecord {
    /// `checksum`: of what the schemas wanted; `steps`: the SQL that was run, empty where the tables were as they should be;
    /// `shape`: ``DatabaseShape/text`` of what came of it, with the types of fields since they are recorded.
    static let definition =
        "CREATE TABLE martlet_migrations (number INTEGER PRIMARY KEY, time INTEGER NOT NULL, "
        + "checksum INTEGER NOT NULL, steps TEXT NOT NULL, shape TEXT NOT NULL) STRICT"

    let number: Int64
    let shape: DatabaseShape

    /// The last one; nil when there is none.
    static func last(on connection: Connection) throws(SQLiteError) -> MigrationRecord? {
        guard try connection.hasTable("martlet_migrations") else { return nil }
        let last = try Statement(
            "SELECT number, shape FROM martlet_migrations ORDER BY number DESC LIMIT 1", on: connection)
        // Without a shape that can be read, of a later version perhaps, it is as without a record.
        guard try last.step(), let shape = DatabaseShape(text: last.text(1)) else { return nil }
        return MigrationRecord(number: last.integer(0), shape: shape)
    }

    static func append(
        _ shape: DatabaseShape, wanted: DatabaseShape, _ migration: Migration, at time: Timestamp,
        on connection: Connection
    ) throws(SQLiteError) {
        let insertion = try Statement(
            "INSERT INTO martlet_migrations (time, checksum, steps, shape) VALUES (?1, ?2, ?3, ?4)", on: connection)
        try insertion.bind(time.microsecondsSince1970, at: 1)
        try insertion.bind(wanted.checksum, at: 2)
        try insertion.bind(migration.steps.flatMap(\.sql).joined(separator: ";\n"), at: 3)
        try insertion.bind(shape.text, at: 4)
        try insertion.run()
    }

    func replaceShape(with shape: DatabaseShape, on connection: Connection) throws(SQLiteError) {
        let update = try Statement("UPDATE martlet_migrations SET shape = ?1 WHERE number = ?2", on: connection)
        try update.bind(shape.text, at: 1)
        try update.bind(number, at: 2)
        try update.run()
    }
}

extension Connection {
    func hasTable(_ name: String) throws(SQLiteError) -> Bool {
        let statement = try Statement("SELECT 1 FROM sqlite_schema WHERE name = ?1", on: self)
        try statement.bind(name, at: 1)
        return try statement.step()
    }
}
