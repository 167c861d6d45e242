import MartletModel
import MartletSQL

/// What the database's schema was when the server had brought it in line with its resources. Another program may change it
/// afterwards: drop or rename a table or a column, drop an index.
struct SchemaSnapshot: Sendable {
    /// SQLite counts every change of the schema (<https://www.sqlite.org/pragma.html#pragma_schema_version>).
    let version: Int64
    /// Martlet's own indexes and triggers.
    private let objects: [String]

    init(_ catalog: Catalog, on connection: Connection) throws(SQLiteError) {
        version = try Self.version(on: connection)
        let present = try Self.objects(on: connection)
        objects = catalog.tables.flatMap { table in
            (table.indexes.map(\.name) + table.triggers.map(\.name)).filter(present.contains)
        }
    }

    static func version(on connection: Connection) throws(SQLiteError) -> Int64 {
        try connection.integer("PRAGMA schema_version")
    }

    /// An error of a statement that has lost what it needs. Others stay as they are.
    func explain(_ error: SQLiteError, on connection: Connection) -> SQLiteError {
        guard error.isGeneric else { return error }
        do throws(SQLiteError) {
            guard try Self.version(on: connection) != version else { return error }
        } catch { return error }
        return .schemaChanged("another program has changed the tables: \(error.message)")
    }

    /// What keeps the server from its work now, if anything: what can't be compiled any more, an index or a trigger that is
    /// gone.
    func problem(_ catalog: Catalog, on connection: Connection) throws(SQLiteError) -> String? {
        // It comes first: a connection compiles by the schema that it has read, until a statement that runs finds another.
        let present = try Self.objects(on: connection)
        for sql in [
            "SELECT reserved, current, time FROM martlet_versions",
            "SELECT scope, fingerprint, time, result FROM martlet_idempotency",
        ] {
            if let message = Self.failure(of: sql, on: connection) { return Self.description(message) }
        }
        for table in catalog.tables {
            let update = table.updatedColumns.isEmpty ? [] : [table.update(table.updatedColumns)]
            for sql in [table.select(.byKey), table.insert, table.delete] + update {
                guard let message = Self.failure(of: sql, on: connection) else { continue }
                return Self.description("the table \(table.schema.table): \(message)")
            }
        }
        return objects.first { !present.contains($0) }.map { Self.description("\($0) is gone") }
    }

    private static func description(_ what: String) -> String {
        "another program has changed the tables: \(what): undo that, or restart the server"
    }

    private static func failure(of sql: String, on connection: Connection) -> String? {
        do throws(SQLiteError) {
            _ = try Statement(sql, on: connection)
            return nil
        } catch {
            return error.message
        }
    }

    private static func objects(on connection: Connection) throws(SQLiteError) -> Set<String> {
        let names = try Statement("SELECT name FROM sqlite_schema WHERE type IN ('index', 'trigger')", on: connection)
        defer { names.reset() }
        var objects: Set<String> = []
        while try names.step() { objects.insert(names.text(0)) }
        return objects
    }
}
