import MartletModel
import MartletSQL

/// Martlet's own tables. No resource can be called like them.
enum ServerTables {
    /// One row. `reserved`: no version beyond it was ever given; `current` and `time`: what a record gets that a deletion
    /// changes by setting its reference to null.
    static let versions =
        "CREATE TABLE martlet_versions (reserved INTEGER NOT NULL, current INTEGER NOT NULL, time INTEGER NOT NULL) STRICT"

    static let idempotency =
        "CREATE TABLE martlet_idempotency (scope TEXT NOT NULL UNIQUE, fingerprint INTEGER NOT NULL, "
        + "time INTEGER NOT NULL, result BLOB NOT NULL) STRICT"

    /// Finds the entries that are too old.
    static let idempotencyIndex = "CREATE INDEX martlet_idempotency_time ON martlet_idempotency (time)"

    static let all = [
        ("martlet_versions", versions), ("martlet_idempotency", idempotency),
        ("martlet_idempotency_time", idempotencyIndex),
        ("martlet_migrations", MigrationRecord.definition),
    ]

    /// Run once, when the table is made.
    static let firstVersion = "INSERT INTO martlet_versions VALUES (0, 0, 0)"
}

/// Sees that a record which a deletion changes gets a new version, as any other change gives it one.
///
/// A foreign key's action can only set the null; it fires triggers, though
/// (<https://www.sqlite.org/foreignkeys.html>, 6). An update of Martlet's own sets the version itself, and passes by.
struct SetNullTrigger {
    let name: String
    let definition: String

    init(_ table: TableLayout, _ column: Int) {
        name = "\(table.schema.table).\(table.schema.fields[column].column).setnull"
        var assignments = "\(TableLayout.version) = (SELECT current FROM martlet_versions)"
        if let updatedAt = table.updatedAt {
            assignments += ", \(table.column(updatedAt)) = (SELECT time FROM martlet_versions)"
        }
        definition =
            "CREATE TRIGGER \(quotedIdentifier(name)) AFTER UPDATE OF \(table.column(column)) ON \(table.name) "
            + "WHEN NEW.\(TableLayout.version) = OLD.\(TableLayout.version) "
            + "BEGIN UPDATE \(table.name) SET \(assignments) WHERE \(table.key) = NEW.\(table.key); END"
    }
}

extension TableLayout {
    var triggers: [SetNullTrigger] {
        references.filter { schema.fields[$0].reference?.onDelete == .setNull }.map { SetNullTrigger(self, $0) }
    }
}
