import MartletKernel
import MartletModel
import MartletSQL

/// Does a migration on an empty copy of the database, to find what others have made that it would break: views and triggers
/// that name what goes, tables that refer to it. SQLite itself says so, by what it can still compile.
struct MigrationRehearsal {
    private let definitions: [(type: String, name: String, sql: String)]

    /// Reads what the database has.
    init(on connection: Connection) throws(SQLiteError) {
        // Tables first: indexes, triggers and views may name any of them.
        let statement = try Statement(
            "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
                + "ORDER BY type <> 'table', type <> 'view', rowid", on: connection)
        defer { statement.reset() }
        var definitions: [(type: String, name: String, sql: String)] = []
        while try statement.step() {
            definitions.append((statement.text(0), statement.text(1), statement.text(2)))
        }
        self.definitions = definitions
    }

    /// What worked before and wouldn't after these steps, in words for the operator.
    func obstacles(_ steps: [String], _ catalog: Catalog) throws(SQLiteError) -> [String] {
        guard !steps.isEmpty, hasForeign(catalog) else { return [] }
        let copy = try Connection.inMemory()
        for definition in definitions {
            // What needs a module or a function that isn't here can't be judged.
            do throws(SQLiteError) { try copy.execute(definition.sql) } catch { continue }
        }
        let before = try failures(in: copy)
        do throws(SQLiteError) {
            try copy.execute("PRAGMA foreign_keys = OFF")
            for step in steps { try copy.execute(step) }
        } catch {
            // A view that is broken already stops every renaming.
            let broken = before.isEmpty ? "" : " (broken before it: \(before.keys.sorted().joined(separator: ", ")))"
            return ["the migration can't be done: \(error.message)\(broken): change or drop that first"]
        }
        let after = try failures(in: copy)
        return after.filter { before[$0.key] == nil }.sorted { $0.key < $1.key }.map { subject, message in
            "\(subject) would no longer work: \(message): change or drop it first"
        }
    }

    /// Whether there is anything that Martlet hasn't made.
    private func hasForeign(_ catalog: Catalog) -> Bool {
        let tables = Set(catalog.schemas.map { $0.table.lowercased() } + ServerTables.all.map(\.0))
        return definitions.contains { definition in
            switch definition.type {
            case "table": !tables.contains(definition.name.lowercased())
            case "view": true
            case "trigger": !catalog.schemas.contains { Index.isOwn(definition.name, of: $0.table) }
            default: false
            }
        }
    }

    /// What can't be compiled, with SQLite's reason: reading a view, and writing to a table or a view with its triggers and
    /// references.
    private func failures(in copy: Connection) throws(SQLiteError) -> [String: String] {
        try copy.execute("PRAGMA foreign_keys = ON")
        var failures: [String: String] = [:]
        let names = try Statement(
            "SELECT type, name, (SELECT group_concat(name, ', ') FROM sqlite_schema WHERE type = 'trigger' "
                + "AND tbl_name = object.name COLLATE NOCASE) "
                + "FROM sqlite_schema AS object WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
            on: copy)
        defer { names.reset() }
        while try names.step() {
            let (type, name, triggers) = (names.text(0), names.text(1), names.text(2))
            for (what, sql) in Self.probes(type, quotedIdentifier(name), Self.assignments(of: name, in: copy)) {
                do throws(SQLiteError) { _ = try Statement(sql, on: copy) } catch {
                    let note = what.isEmpty || triggers.isEmpty ? "" : " (with the triggers \(triggers))"
                    failures["\(what)the \(type) \(name)\(note)"] = error.message
                }
            }
        }
        return failures
    }

    /// What an update of each column sets. Nil for a view that can't be compiled: SQLite doesn't know its columns.
    private static func assignments(of name: String, in copy: Connection) -> String? {
        do throws(SQLiteError) {
            let columns = try Statement(
                "SELECT name FROM pragma_table_info('\(name.replacing("'", with: "''"))')", on: copy)
            defer { columns.reset() }
            var assignments: [String] = []
            while try columns.step() {
                let column = quotedIdentifier(columns.text(0))
                assignments.append("\(column) = \(column)")
            }
            return assignments.joined(separator: ", ")
        } catch {
            return nil
        }
    }

    /// The statements that have to be compiled for a table or a view, and what they are in words. A view takes the writes for
    /// which it has triggers: each is judged by itself.
    private static func probes(_ type: String, _ name: String, _ assignments: String?) -> [(String, String)] {
        let isView = type == "view"
        guard let assignments else { return [("", "SELECT * FROM \(name)")] }
        let writes = [
            (isView ? "inserting into " : "writing to ", "INSERT INTO \(name) DEFAULT VALUES"),
            (isView ? "updating " : "writing to ", "UPDATE \(name) SET \(assignments)"),
            (isView ? "deleting from " : "writing to ", "DELETE FROM \(name)"),
        ]
        return (isView ? [("", "SELECT * FROM \(name)")] : []) + writes
    }
}
