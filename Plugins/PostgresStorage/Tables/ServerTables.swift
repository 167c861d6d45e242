import MartletSQL

/// What Martlet keeps for itself. No resource can be called like it.
enum ServerTables {
    /// The sequence that versions come from.
    static let versions = "martlet_versions"
    static let idempotency = "martlet_idempotency"
    static let migrations = "martlet_migrations"

    /// Those that requests need.
    static let served = [versions, idempotency]

    /// - Parameter name: as an identifier.
    static func qualified(_ name: String, in namespace: String?) -> String {
        namespace.map { "\(quotedIdentifier($0)).\(name)" } ?? name
    }

    /// The SHA-256 of a scope stands for it: an index can't hold the longest ones.
    static let definitions = [
        (versions, "CREATE SEQUENCE \(versions)"),
        (
            idempotency,
            "CREATE TABLE \(idempotency) (scope bytea PRIMARY KEY, fingerprint bigint NOT NULL, "
                + "time timestamptz NOT NULL, result bytea NOT NULL); "
                + "CREATE INDEX \(idempotency)_time ON \(idempotency) (time)"
        ),
        (migrations, MigrationRecord.definition),
    ]
}
