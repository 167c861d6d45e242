import MartletKernel
import MartletModel
import MartletSQL
import MartletTesting
import Testing

@testable import SQLiteStorage

/// What others change in a database between two starts.
@Suite struct ManualChangeTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private var options: SQLiteDatabase.Options { .init(path: folder.file("martlet.db")) }

    private func change(_ sql: String) throws {
        try Connection(.writer(.normal), path: folder.file("martlet.db")).execute(sql)
    }

    /// A database that this version of Martlet has made, with one note.
    private func fill() async throws {
        try await Fixture.open(in: folder) { try await $0.insert("a", place: 1) }
    }

    private static let definition = TableLayout(Note.resource, ordinal: 0, .sqlite).definition()

    /// The table made anew by hand, with another text in the place of one of its definition.
    private static func remade(_ old: String, _ new: String) -> String {
        let other = definition.split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
        return "ALTER TABLE notes RENAME TO old; \(other); INSERT INTO notes SELECT * FROM old; DROP TABLE old; "
            + TableLayout(Note.resource, ordinal: 0, .sqlite).indexes.map(\.definition).joined(separator: "; ")
    }

    @Test(arguments: [
        ("ALTER TABLE notes ADD COLUMN more TEXT", "notes: the column more was added since migration 1"),
        (
            "DROP INDEX \"notes.place.unique\"; ALTER TABLE notes DROP COLUMN place",
            "notes: the column place was dropped since migration 1"
        ),
        (
            remade("\"place\" INTEGER", "\"place\" INTEGER NOT NULL"),
            "notes: the column place was changed (nullable became not nullable) since migration 1"
        ),
        (
            remade("40", "20"),
            "notes: the column title was changed (the check instr(value, char(0)) = 0 AND length(value) >= 1 AND "
                + "length(value) <= 40 became the check instr(value, char(0)) = 0 AND length(value) >= 1 AND "
                + "length(value) <= 20) since migration 1"
        ),
        (
            remade("\"place\" INTEGER", "\"place\" INTEGER REFERENCES notes"),
            "notes: the column place was changed (no reference became a reference to notes.id on delete no action) "
                + "since migration 1"
        ),
        ("DROP TABLE notes", "notes: the table was dropped since migration 1"),
    ])
    func `one that only its author can judge stops the start, which names it`(
        _ sql: String, _ line: String
    ) async throws {
        try await fill()
        try change(sql)
        let database = SQLiteDatabase(options)
        await #expect { try await database.prepare([Note.resource]) } throws: { error in
            guard case .unusable(let text) = error as? StorageError else { return false }
            return text.contains("changed by hand: \(line)\n")
        }
        // Whoever knows what they do goes on.
        _ = try await SQLiteDatabase(options).migrate(to: [Note.resource], .destructive)
        try await Fixture.open(in: folder) { _ in }
        #expect(try await SQLiteDatabase(options).migrate(to: [Note.resource], .plan).isNothing)
    }

    @Test(arguments: [
        (
            "DROP INDEX \"notes.slug.unique\"",
            "notes: the index notes.slug.unique was dropped by hand since migration 1"
        ),
        (
            "DROP INDEX \"notes.title.index\"; CREATE INDEX \"notes.title.index\" ON notes (slug)",
            "notes: the index notes.title.index was changed by hand since migration 1"
        ),
    ])
    func `one that can be mended without a loss is, and told`(_ sql: String, _ line: String) async throws {
        try await fill()
        try change(sql)
        let plan = try await SQLiteDatabase(options).migrate(to: [Note.resource], .plan)
        #expect(plan.repairs == [line])
        #expect(plan.refusal(in: .lossless) == nil)
        try await Fixture.open(in: folder) { fixture in
            let slugs = try await fixture.slugs()
            #expect(slugs == ["a"])
        }
        #expect(try await SQLiteDatabase(options).migrate(to: [Note.resource], .plan).isNothing)
    }

    @Test func `one that makes the database as the schemas want it is none`() async throws {
        try await fill()
        try change("ALTER TABLE notes ADD COLUMN more TEXT; UPDATE notes SET more = 'by hand'")
        let wanted = try ResourceSchema(
            "notes", Note.resource.fields + [FieldSchema("more", .json, isNullable: true)])
        try await Fixture.open(in: folder, [wanted]) { _ in }
        let outside = try Connection(.reader, path: options.path)
        #expect(try outside.text("SELECT steps FROM martlet_migrations WHERE number = 2") == "")
        #expect(try outside.text("SELECT more FROM notes") == "by hand")
        try await Fixture.open(in: folder, [wanted]) { _ in }
        #expect(try outside.integer("SELECT count(*) FROM martlet_migrations") == 2)
    }

    @Test func `what the schemas don't care about is nobody's business`() async throws {
        try await fill()
        try change(
            """
            CREATE INDEX mine ON notes (title); CREATE TABLE other (a); CREATE VIEW seen AS SELECT * FROM notes;
            CREATE TRIGGER mine_too AFTER INSERT ON notes BEGIN SELECT 1; END
            """)
        #expect(try await SQLiteDatabase(options).migrate(to: [Note.resource], .plan).isNothing)
        try await Fixture.open(in: folder) { _ in }
        let outside = try Connection(.reader, path: options.path)
        #expect(try outside.integer("SELECT count(*) FROM martlet_migrations") == 1)
    }

    @Test func `a table that others have made keeps its definition, and its own checks`() async throws {
        try folder.write("", to: "martlet.db")
        let definition =
            "CREATE TABLE notes (place INT, slug TEXT NOT NULL CHECK (slug <> 'no'), title TEXT NOT NULL, "
            + "id INTEGER PRIMARY KEY AUTOINCREMENT) STRICT"
        try change(definition)
        for _ in 0..<2 {
            try await Fixture.open(in: folder) { _ in }
            #expect(try await SQLiteDatabase(options).migrate(to: [Note.resource], .plan).isNothing)
        }
        let outside = try Connection(.reader, path: options.path)
        let kept = try outside.text("SELECT sql FROM sqlite_schema WHERE name = 'notes'")
        #expect(kept.hasPrefix(String(definition.dropLast(8))))
        // A column that is added later has Martlet's check, and the others still have none.
        let more = try ResourceSchema(
            "notes", Note.resource.fields + [FieldSchema("more", .string, isNullable: true)])
        try await Fixture.open(in: folder, [more]) { _ in }
        #expect(try outside.text("SELECT sql FROM sqlite_schema WHERE name = 'notes'").contains("_check_more"))
        #expect(try await SQLiteDatabase(options).migrate(to: [more], .plan).isNothing)
    }

    @Test func `all that keeps a table of others from serving is told at once`() async throws {
        try folder.write("", to: "martlet.db")
        try change(
            """
            CREATE TABLE notes (id INTEGER PRIMARY KEY, title VARCHAR(80) COLLATE NOCASE, slug TEXT NOT NULL UNIQUE, extra INT,
            place INT, twice INT AS (place * 2));
            INSERT INTO notes (title, slug, place) VALUES (NULL, 'a', 1), ('b', 'A', 1)
            """)
        let database = SQLiteDatabase(options)
        await #expect {
            try await database.prepare([Note.resource])
        } throws: { error in
            guard case .unusable(let text) = error as? StorageError else { return false }
            let parts = [
                "is not STRICT", "has the column title, which compares by NOCASE", "drops the column extra",
                "drops the column title of the type VARCHAR(80)", "has the column twice, which the database computes",
                "has the unique index", "notes.slug: not unique in 2 records", "notes.place: not unique in 2 records",
                "notes.title: there is no value for 2 records",
            ]
            for part in parts where !text.contains(part) { Issue.record("\(part)\n\(text)") }
            return true
        }
    }

    @Test func `a database from before there were records is taken over as it is`() async throws {
        try await fill()
        try change("DROP TABLE martlet_migrations")
        #expect(try await SQLiteDatabase(options).migrate(to: [Note.resource], .plan).isNothing)
        try await Fixture.open(in: folder) { fixture in
            let slugs = try await fixture.slugs()
            #expect(slugs == ["a"])
        }
        let outside = try Connection(.reader, path: options.path)
        #expect(try outside.text("SELECT number || steps FROM martlet_migrations") == "1")
    }
}
